"""TFLite files in LiteRT; TensorFlow is not needed."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from tfmatting.config import Size
from tfmatting.console import quiet_native_output
from tfmatting.errors import InputError, MissingExtraError
from tfmatting.inference.runtimes.base import Tensors, check_fixed_size, check_names
from tfmatting.inference.runtimes.tflite_delegate import (
    EDGE_TPU,
    EDGE_TPU_OPERATOR,
    load_delegate,
)


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
        try:
            with quiet_native_output():
                interpreter = Interpreter(
                    model_path=str(path),
                    num_threads=threads or os.cpu_count() or 1,
                    experimental_delegates=delegates,
                )
                interpreter.allocate_tensors()  # makes the delegate, which says so
                self._runner = interpreter.get_signature_runner()
        except (ValueError, RuntimeError) as error:
            if EDGE_TPU_OPERATOR in str(error):
                raise InputError(
                    f"A file compiled for the Edge TPU runs on one. Received: {path} without "
                    f"its delegate. Give --delegate {EDGE_TPU}."
                ) from error
            by = f" with the delegate {delegate}" if delegate else ""
            raise InputError(
                f"Not a TFLite model that can be run{by}: {path} ({str(error).splitlines()[0]})"
            ) from error
        self._interpreter = interpreter  # the runner borrows it
        self._inputs = self._runner.get_input_details()
        self._outputs = self._runner.get_output_details()
        check_names(path, self._inputs, self._outputs)
        self.input_names = tuple(self._inputs)
        _, height, width, _ = self._inputs["image"]["shape"]
        self.input_size = (int(height), int(width))
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
