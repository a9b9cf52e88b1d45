"""An estimate of the memory of a training step, checked before the first one."""

from __future__ import annotations

import math

import keras

from tfmatting.errors import InputError
from tfmatting.machine import physical_memory

BYTES = 4


def activation_gigabytes(model: keras.Model, batch_size: int) -> float:
    """Memory of all activations, which are kept for the backward pass, in 10^9 bytes.

    A floor: gradients and scratch space come on top.
    """
    values = 0
    for layer in model.layers:
        outputs = layer.output if isinstance(layer.output, list) else [layer.output]
        values += sum(math.prod(output.shape[1:]) for output in outputs)
    return values * batch_size * BYTES / 1e9


def check_memory(model: keras.Model, batch_size: int) -> None:
    """Refuse a batch that this machine's memory cannot hold, before the system kills the run.

    Raises:
        InputError: naming a batch size that fits.
    """
    needed = activation_gigabytes(model, batch_size)
    present = (physical_memory() or math.inf) / 1e3
    if needed > 0.8 * present:
        fits = max(1, int(0.4 * present / (needed / batch_size)))
        raise InputError(
            f"A training step must fit in memory. Batch {batch_size} at "
            f"{model.matting_config.input_size} needs {needed:.0f} GB and more; this machine has "
            f"{present:.0f} GB. Use --batch-size {fits} or smaller, or a smaller --input-size."
        )
