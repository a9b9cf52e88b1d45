"""SavedModel folders in TensorFlow, through their serving signature."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tfmatting.config import Size
from tfmatting.errors import InputError
from tfmatting.inference.runtimes.base import (
    Tensors,
    check_fixed_size,
    check_names,
    image_size,
)
from tfmatting.inference.runtimes.saved_model_check import check_operators
from tfmatting.tensorflow_setup import import_tensorflow, set_threads


class SavedModelRuntime:
    """A folder with `saved_model.pb`."""

    def __init__(self, path: Path, threads: int | None = None, input_size: Size | None = None):
        if not (path / "saved_model.pb").is_file():
            raise InputError(
                f"A SavedModel is a folder with saved_model.pb. Received: {path} without one."
            )
        check_operators(path)
        tf = import_tensorflow()
        if threads:
            set_threads(threads)
        try:
            self._model = tf.saved_model.load(str(path))
            self._function = self._model.signatures["serving_default"]
        except Exception as error:  # TensorFlow's kinds have no common one
            what = (str(error).strip() or type(error).__name__).splitlines()[0][:160]
            raise InputError(f"Not a SavedModel that can be loaded: {path} ({what})") from error
        _, specification = self._function.structured_input_signature
        check_names(path, specification, self._function.structured_outputs)
        self._types = {name: tensor.dtype for name, tensor in specification.items()}
        self.input_names = tuple(specification)
        self.input_size = image_size(path, specification["image"].shape)
        check_fixed_size(path, self.input_size, input_size)
        self._convert = tf.convert_to_tensor

    def run(self, inputs: Tensors) -> Tensors:
        tensors = {
            name: self._convert(value.astype(self._types[name].as_numpy_dtype))
            for name, value in inputs.items()
        }
        return {name: np.asarray(value) for name, value in self._function(**tensors).items()}
