"""The interface of all runtimes, and the checks they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tfmatting.config import Size
from tfmatting.errors import InputError

Tensors = dict[str, np.ndarray]
LARGEST_INPUT = 8192 * 8192
"""Pixels; 0.8 GB in float32."""


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


def image_size(path: Path, shape: Any) -> Size:
    """(height, width) of an input [1, H, W, 3].

    Raises:
        InputError: another shape, or a side that is not known.
    """
    sides = list(shape)
    if len(sides) != 4 or not all(isinstance(s, int | np.integer) and s > 0 for s in sides[1:3]):
        raise InputError(
            f"The input `image` has the shape [1, H, W, 3]. Received: {path} with "
            f"{[str(side)[:20] for side in sides[:8]]}."
        )
    return int(sides[1]), int(sides[2])


def check_area(path: Path, size: Size) -> None:
    """Refuse a network whose input alone takes a machine's memory.

    Raises:
        InputError: more than `LARGEST_INPUT` pixels.
    """
    if size[0] * size[1] > LARGEST_INPUT:
        raise InputError(
            f"A network's input has at most {LARGEST_INPUT / 1e6:.0f} million pixels. Received: "
            f"{path} of {size[0]}x{size[1]}."
        )


def alpha_of(outputs: Tensors) -> np.ndarray:
    """The matte of a network's outputs, float32 [h, w] in [0, 1].

    Raises:
        InputError: another shape than [1, h, w, 1], or values that are no numbers.
    """
    alpha = outputs["alpha"]
    if alpha.ndim != 4 or 0 in alpha.shape or alpha.shape[::3] != (1, 1):
        raise InputError(
            f"The output `alpha` has the shape [1, H, W, 1]. Received: {list(alpha.shape)}."
        )
    if np.isnan(alpha).any():
        raise InputError("The network gives values that are no numbers. Use another model.")
    return np.clip(alpha[0, ..., 0], 0.0, 1.0)


def check_fixed_size(path: Path, present: Size, wanted: Size | None) -> None:
    """Refuse another size than the one that a file was written for."""
    if wanted and wanted != present:
        raise InputError(
            f"{path} was exported for {present[0]}x{present[1]}. Received: input size "
            f"{wanted[0]}x{wanted[1]}. Export it again with --input-size {wanted[0]},{wanted[1]}."
        )
