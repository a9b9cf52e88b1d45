"""What runs a network: one small file for each file format, imported when first needed."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import numpy as np

from tfmatting.config import Size
from tfmatting.errors import InputError, MissingFileError

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


RUNTIMES = {
    ".keras": ("tfmatting.inference.runtimes.keras_model", "KerasRuntime"),
    ".tflite": ("tfmatting.inference.runtimes.tflite", "TFLiteRuntime"),
    ".onnx": ("tfmatting.inference.runtimes.onnx", "ONNXRuntime"),
    ".pb": ("tfmatting.inference.runtimes.opencv_dnn", "OpenCVRuntime"),
    "": ("tfmatting.inference.runtimes.saved_model", "SavedModelRuntime"),
}
"""File suffix -> module and class; a folder has none."""


def open_runtime(
    path: str | Path, threads: int | None = None, input_size: Size | None = None
) -> Runtime:
    """Load a network in the runtime that its file asks for.

    Args:
        path: `.keras`, `.tflite`, `.onnx`, `.pb`, or a SavedModel folder.
        threads: of the processor; the runtime's own choice when omitted.
        input_size: (height, width) for networks that take any; their own when omitted.

    Raises:
        FileNotFoundError: nothing at `path`.
        ValueError: a file of no known kind, a damaged one, or one of another fixed size.
        ImportError: the runtime's package is missing; the extra is named.
    """
    path = Path(path)
    if not path.exists():
        raise MissingFileError(f"No model at {path}.")
    suffix = "" if path.is_dir() else path.suffix.lower()
    if suffix not in RUNTIMES or (path.is_file() and not suffix):
        raise InputError(
            f"A model is a {', '.join(filter(None, RUNTIMES))} file or a SavedModel folder. "
            f"Received: {path}."
        )
    module, name = RUNTIMES[suffix]
    return getattr(importlib.import_module(module), name)(path, threads, input_size)


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
