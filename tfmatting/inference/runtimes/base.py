"""The interface of all runtimes, and the checks they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

import numpy as np

from tfmatting.config import Size
from tfmatting.errors import InputError

Tensors = dict[str, np.ndarray]


class Runtime(Protocol):
    """A loaded network.

    Attributes:
        input_size: (height, width) it takes.
        input_names: names of its inputs.
    """

    input_size: Size
    input_names: tuple[str, ...]

    def run(self, inputs: Tensors) -> Tensors:
        """Map named inputs (`image` uint8 [1, H, W, 3]) to named float32 outputs."""
        ...


Opener = Callable[[Path, int | None, Size | None], Runtime]
"""Loads a network: path, threads (the runtime's own choice when None), and the size to run at, for
networks that take any (their own when None)."""


def check_names(path: Path, inputs: Iterable[str], outputs: Iterable[str]) -> None:
    """Refuse a network that is no matting model."""
    inputs, outputs = sorted(inputs), sorted(outputs)
    if "image" not in inputs or "alpha" not in outputs:
        raise InputError(
            "A matting model has an input `image` and an output `alpha`. Received: "
            f"{path} with {inputs} -> {outputs}."
        )


def check_fixed_size(path: Path, present: Size, wanted: Size | None) -> None:
    """Refuse another size than the one that a file was written for."""
    if wanted and wanted != present:
        raise InputError(
            f"{path} was exported for {present[0]}x{present[1]}. Received: input size "
            f"{wanted[0]}x{wanted[1]}. Export it again with --input-size {wanted[0]},{wanted[1]}."
        )
