"""The code of each row of `FORMATS`: what writes the file, and what loads it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras

from tfmatting.exporting.graph.frozen_graph import write_external_graph, write_frozen_graph
from tfmatting.exporting.graph.onnx import write_onnx
from tfmatting.exporting.graph.opencv_client import OpenCVClient
from tfmatting.exporting.graph.saved_model import write_saved_model
from tfmatting.exporting.tflite.writer import write_tflite
from tfmatting.inference.runtimes import Runtime, Tensors, open_runtime
from tfmatting.inference.runtimes.opencv_dnn import probe


def _open(model: keras.Model, path: Path) -> Runtime:
    return open_runtime(path)


def _open_external_graph(model: keras.Model, path: Path) -> Runtime:
    probe(path)
    return OpenCVClient(model, path)


@dataclass(frozen=True)
class Writer:
    """How one format is written and loaded back.

    Attributes:
        write: (model, path, precision, calibration batches) -> None.
        load_back: (model, path) -> the runtime that a client would use.
    """

    write: Callable[[keras.Model, Path, str, Sequence[Tensors]], None]
    load_back: Callable[[keras.Model, Path], Runtime] = _open


WRITERS = {
    "saved_model": Writer(write_saved_model),
    "pb": Writer(write_frozen_graph, _open),
    "pb_external": Writer(write_external_graph, _open_external_graph),
    "onnx": Writer(write_onnx),
    "tflite": Writer(write_tflite),
}
"""Key of `FORMATS` -> its code. A test holds the two tables to the same keys."""
