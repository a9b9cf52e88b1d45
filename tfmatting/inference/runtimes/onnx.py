"""ONNX files in ONNX Runtime; TensorFlow is not needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tfmatting.config import Size
from tfmatting.errors import InputError, MissingExtraError
from tfmatting.inference.runtimes.base import (
    Tensors,
    check_fixed_size,
    check_names,
    image_size,
)


class ONNXRuntime:
    """An `.onnx` file on the processor."""

    def __init__(self, path: Path, threads: int | None = None, input_size: Size | None = None):
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingExtraError(
                "ONNX files need ONNX Runtime. Run `pip install 'tfmatting[onnxruntime]'`."
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        options.log_severity_level = 4  # what is wrong with a file is said below
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"], enable_fallback=0
            )
        except Exception as error:  # its errors have no base class of their own
            raise InputError(
                f"Not an ONNX model that can be run: {path} ({str(error).splitlines()[0]}). Copy "
                "or export it again."
            ) from error
        inputs = {entry.name: entry for entry in self._session.get_inputs()}
        self._outputs = [entry.name for entry in self._session.get_outputs()]
        check_names(path, inputs, self._outputs)
        self.input_names = tuple(inputs)
        self.input_size = image_size(path, inputs["image"].shape)
        check_fixed_size(path, self.input_size, input_size)

    def run(self, inputs: Tensors) -> Tensors:
        values = {name: value.astype(np.float32) for name, value in inputs.items()}
        outputs = self._session.run(self._outputs, values)
        return {name: np.asarray(value) for name, value in zip(self._outputs, outputs, strict=True)}
