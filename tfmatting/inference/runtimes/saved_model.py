"""SavedModel folders in TensorFlow, through their serving signature."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tfmatting.config import Size
from tfmatting.errors import InputError
from tfmatting.inference.runtimes.base import Tensors, check_fixed_size
from tfmatting.tensorflow_setup import import_tensorflow, set_threads


class SavedModelRuntime:
    """A folder with `saved_model.pb`."""

    def __init__(self, path: Path, threads: int | None = None, input_size: Size | None = None):
        if not (path / "saved_model.pb").is_file():
            raise InputError(
                f"A SavedModel is a folder with saved_model.pb. Received: {path} without one."
            )
        tf = import_tensorflow()
        if threads:
            set_threads(threads)
        try:
            self._model = tf.saved_model.load(str(path))
        except (OSError, ValueError, RuntimeError) as error:
            raise InputError(
                f"Not a SavedModel that can be loaded: {path} ({str(error).splitlines()[0]})"
            ) from error
        self._function = self._model.signatures["serving_default"]
        _, specification = self._function.structured_input_signature
        self._types = {name: tensor.dtype for name, tensor in specification.items()}
        self.input_names = tuple(specification)
        self.input_size = tuple(specification["image"].shape[1:3])
        check_fixed_size(path, self.input_size, input_size)
        self._convert = tf.convert_to_tensor

    def run(self, inputs: Tensors) -> Tensors:
        tensors = {
            name: self._convert(value.astype(self._types[name].as_numpy_dtype))
            for name, value in inputs.items()
        }
        return {name: np.asarray(value) for name, value in self._function(**tensors).items()}
