"""Write a file, load it back, compare it with the Keras model, keep it if the two agree."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tfmatting.errors import InputError
from tfmatting.exporting.formats import Cell
from tfmatting.exporting.inputs import input_batches
from tfmatting.exporting.report import Comparison, ExportMismatchError
from tfmatting.exporting.writers import WRITERS
from tfmatting.files import atomic_path
from tfmatting.inference.runtimes import Runtime


def write_verified(
    model: keras.Model,
    path: str | Path,
    cell: Cell,
    *,
    calibration: Sequence[np.ndarray],
    checks: Sequence[np.ndarray],
) -> Comparison:
    """Write one cell of the export matrix and verify it in its own runtime.

    Args:
        model: a model of the registry.
        path: the file or folder to write.
        cell: what to write, from `check_cell`.
        calibration: photos uint8 [H, W, 3] for quantization.
        checks: photos to compare on.

    Returns:
        How far the file's alpha is from the model's.

    Raises:
        InputError: no photo to compare on, or a model that the format cannot hold.
        ExportMismatchError: the mean difference exceeds the cell's tolerance; nothing is left at
            `path`.
    """
    if not checks:
        raise InputError("An export is compared on at least one photo. Received: none.")
    writer = WRITERS[cell.format.name]
    tolerance = cell.tolerance or 0.0
    with atomic_path(path, folder=not cell.format.suffix) as temporary:
        writer.write(model, temporary, cell.precision, input_batches(model, calibration))
        comparison = compare(model, writer.load_back(model, temporary), checks)
        # NaN exceeds nothing, hence the negation
        if not comparison.mean_difference <= tolerance:
            raise ExportMismatchError(
                f"The {cell.precision} {cell.format.format} differs from the Keras model by "
                f"{comparison.mean_difference:.2g} (mean alpha, {comparison.images} photos); the "
                f"tolerance is {tolerance:.2g}. The file was removed. Try another precision, or "
                "more and better --calibration photos."
            )
    return comparison


def compare(model: keras.Model, runtime: Runtime, images: Sequence[np.ndarray]) -> Comparison:
    """Run a loaded file beside the Keras model.

    Args:
        model: a model of the registry.
        runtime: the file, loaded in the program that a client would use.
        images: photos uint8 [H, W, 3] of any size.

    Returns:
        The differences of alpha at the network's size.
    """
    # Keras keeps every layer's output of an eager call: 6.3 GB for LFM at 320x480, traced 2
    network = tf.function(lambda batch: model(batch, training=False)["alpha"])
    total, largest = 0.0, 0.0
    for batch in input_batches(model, images):
        expected = np.asarray(network(batch))
        difference = np.abs(runtime.run(batch)["alpha"] - expected)
        total += float(difference.mean())
        largest = max(largest, float(difference.max()))
    return Comparison(len(images), total / len(images), largest)
