"""TFLite files in LiteRT; TensorFlow is not needed."""

from __future__ import annotations

import math
import os
import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tfmatting.config import Size
from tfmatting.console import quiet_native_output
from tfmatting.errors import InputError, MissingExtraError
from tfmatting.inference.runtimes.base import (
    Tensors,
    check_fixed_size,
    check_names,
    image_size,
)
from tfmatting.inference.runtimes.tflite_delegate import (
    EDGE_TPU,
    EDGE_TPU_OPERATOR,
    load_delegate,
)

IDENTIFIER = b"TFL3"
SUBGRAPHS = 2
"""The number of the field in the schema's `Model`."""

MOST_ELEMENTS = 2**28
"""Of a tensor: 1 GiB of float32."""


class TFLiteRuntime:
    """A `.tflite` file with named signatures, float or fully quantized.

    Operators that the delegate does not take run on the processor.
    """

    def __init__(
        self,
        path: Path,
        threads: int | None = None,
        input_size: Size | None = None,
        delegate: str | Path | None = None,
    ):
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as error:
            raise MissingExtraError(
                "TFLite files need LiteRT. Run `pip install tfmatting` (it brings ai-edge-litert)."
            ) from error
        delegates = [load_delegate(delegate)] if delegate else None
        check_file(path)
        try:
            with quiet_native_output():
                interpreter = Interpreter(
                    model_path=str(path),
                    num_threads=threads or os.cpu_count() or 1,
                    experimental_delegates=delegates,
                )
                check_tensors(path, interpreter.get_tensor_details())
                interpreter.allocate_tensors()  # makes the delegate, which says so
                self._runner = interpreter.get_signature_runner()
            self._inputs = self._runner.get_input_details()
            self._outputs = self._runner.get_output_details()
        except InputError:
            raise
        except Exception as error:  # LiteRT's are ValueError and RuntimeError, names aside
            if EDGE_TPU_OPERATOR in str(error):
                raise InputError(
                    f"A file compiled for the Edge TPU runs on one. Received: {path} without "
                    f"its delegate. Give --delegate {EDGE_TPU}."
                ) from error
            by = f" with the delegate {delegate}" if delegate else ""
            raise InputError(
                f"Not a TFLite model that can be run{by}: {path} ({str(error).splitlines()[0]}). "
                "Copy or export it again."
            ) from error
        self._interpreter = interpreter  # the runner borrows it
        check_names(path, self._inputs, self._outputs)
        self.input_names = tuple(self._inputs)
        self.input_size = image_size(path, self._inputs["image"]["shape"])
        if input_size and self._takes_any_size():
            self.input_size = input_size
        check_fixed_size(path, self.input_size, input_size)

    def run(self, inputs: Tensors) -> Tensors:
        quantized = {name: quantize(value, self._inputs[name]) for name, value in inputs.items()}
        outputs = self._runner(**quantized)
        return {name: dequantize(value, self._outputs[name]) for name, value in outputs.items()}

    def _takes_any_size(self) -> bool:
        details = self._interpreter.get_input_details()
        return all(-1 in detail["shape_signature"][1:3] for detail in details)


def check_file(path: Path) -> None:
    """Refuse another kind of file, and one without a network, which crashes LiteRT."""
    with path.open("rb") as file:
        if file.read(8)[4:] != IDENTIFIER:
            raise InputError(f"Not a TFLite model: {path}, whose identifier is missing.")
        try:
            networks = _root_field(file, SUBGRAPHS)
        except struct.error as error:  # an offset that leads out of the file
            raise InputError(f"The TFLite file is damaged: {path}. Copy it again.") from error
    if not networks:
        raise InputError(f"A TFLite model holds a network. Received: {path}, which has none.")


def _root_field(file: BinaryIO, number: int) -> int:
    """The offset of a field of the root of a flatbuffer within its table, 0 where it is missing."""

    def read(kind: str, position: int) -> int:
        file.seek(max(position, 0))
        return struct.unpack(kind, file.read(struct.calcsize(kind)))[0]

    table = read("<I", 0)
    offsets = table - read("<i", table)
    place = 4 + 2 * number
    return read("<H", offsets + place) if place < read("<H", offsets) else 0


def check_tensors(path: Path, details: list[dict]) -> None:
    """Refuse tensors out of all proportion, before memory is taken for them."""
    for detail in details:
        elements = math.prod(int(side) for side in detail["shape"])
        if elements > MOST_ELEMENTS:
            raise InputError(
                f"A tensor has at most {MOST_ELEMENTS:,} elements. Received: {path}, where "
                f"{detail['name'][:80]!r} has {elements:,}."
            )


def quantize(value: np.ndarray, detail: dict) -> np.ndarray:
    """Quantize to the tensor's type, q = round(x / scale + zero point)."""
    dtype = detail["dtype"]
    scale, zero_point = detail["quantization"]
    if np.issubdtype(dtype, np.floating) or scale == 0:
        return value.astype(dtype)
    if value.dtype == dtype and scale == 1.0 and zero_point == 0:
        return value
    limits = np.iinfo(dtype)
    levels = np.round(value.astype(np.float32) / np.float32(scale)) + zero_point
    return np.clip(levels, limits.min, limits.max).astype(dtype)


def dequantize(value: np.ndarray, detail: dict) -> np.ndarray:
    """Dequantize a tensor to float32."""
    scale, zero_point = detail["quantization"]
    if np.issubdtype(value.dtype, np.floating) or scale == 0:
        return value.astype(np.float32)
    return (value.astype(np.float32) - zero_point) * np.float32(scale)
