"""Runtimes: a class for each kind of model file.

A runtime imports its package when a file is opened, so that this table costs nothing.
"""

from __future__ import annotations

from pathlib import Path

from tfmatting.config import Size
from tfmatting.errors import InputError, MissingFileError
from tfmatting.inference.runtimes.base import (
    Opener,
    Runtime,
    Tensors,
    alpha_of,
    check_area,
    check_fixed_size,
    check_names,
)
from tfmatting.inference.runtimes.keras_model import KerasRuntime
from tfmatting.inference.runtimes.mirrored import MirroredRuntime
from tfmatting.inference.runtimes.onnx import ONNXRuntime
from tfmatting.inference.runtimes.opencv_dnn import OpenCVRuntime
from tfmatting.inference.runtimes.saved_model import SavedModelRuntime
from tfmatting.inference.runtimes.tflite import TFLiteRuntime

__all__ = [
    "RUNTIMES",
    "MirroredRuntime",
    "Opener",
    "Runtime",
    "Tensors",
    "alpha_of",
    "check_fixed_size",
    "check_names",
    "open_runtime",
]

RUNTIMES: dict[str, Opener] = {
    ".keras": KerasRuntime,
    ".tflite": TFLiteRuntime,
    ".onnx": ONNXRuntime,
    ".pb": OpenCVRuntime,
    "": SavedModelRuntime,
}
"""File suffix -> runtime; a folder has none."""
MOST_THREADS = 512
"""More are a slip, and a system that cannot start them ends the process."""


def open_runtime(
    path: str | Path,
    threads: int | None = None,
    input_size: Size | None = None,
    delegate: str | Path | None = None,
) -> Runtime:
    """Load a network in the runtime that its file asks for.

    Args:
        path: `.keras`, `.tflite`, `.onnx`, `.pb`, or a SavedModel folder.
        threads: of the processor; the runtime's own choice when omitted.
        input_size: (height, width) for networks that take any; their own when omitted.
        delegate: library that runs a `.tflite` file on an accelerator; see `load_delegate`.

    Raises:
        MissingFileError: nothing at `path`.
        InputError: a file of no known kind, a damaged one, or one of another fixed size; a
            delegate for another kind of file, or one that cannot be loaded; no number of threads
            from 1 to 512.
        MissingExtraError: the runtime's package is missing; the extra is named.
    """
    path = Path(path)
    if threads is not None and not (isinstance(threads, int) and 0 < threads <= MOST_THREADS):
        raise InputError(
            f"`threads` is a whole number from 1 to {MOST_THREADS}. Received: {threads!r}. Leave "
            "it out for all cores."
        )
    if not path.exists():
        raise MissingFileError(f"No model at {path}.")
    suffix = "" if path.is_dir() else path.suffix.lower()
    if suffix not in RUNTIMES or (path.is_file() and not suffix):
        raise InputError(
            f"A model is a {', '.join(filter(None, RUNTIMES))} file or a SavedModel folder. "
            f"Received: {path}. `tfmatting convert` reads weights of other kinds."
        )
    if delegate is None:
        runtime = RUNTIMES[suffix](path, threads, input_size)
    elif suffix != ".tflite":
        raise InputError(f"A delegate runs .tflite files. Received: {path}. Leave --delegate out.")
    else:
        runtime = TFLiteRuntime(path, threads, input_size, delegate)
    check_area(path, runtime.input_size)
    return runtime
