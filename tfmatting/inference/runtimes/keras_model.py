"""Checkpoints in Keras."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tfmatting.config import Size
from tfmatting.imaging.resize import AREA
from tfmatting.inference.runtimes.base import Tensors
from tfmatting.tensorflow_setup import import_tensorflow, set_threads


class KerasRuntime:
    """A `.keras` checkpoint, traced once."""

    def __init__(self, path: Path, threads: int | None = None, input_size: Size | None = None):
        tf = import_tensorflow()
        from tfmatting.models.metadata import LETTERBOX, RESIZING
        from tfmatting.models.saving import load_model

        if threads:
            set_threads(threads)
        model = load_model(path, input_size=input_size)
        self.input_size = model.matting_config.input_size
        self.input_names = tuple(model.input)
        self.letterbox = bool(model.metadata.get(LETTERBOX))
        self.resizing = model.metadata.get(RESIZING, AREA)
        self._function = tf.function(lambda inputs: model(inputs, training=False))

    def run(self, inputs: Tensors) -> Tensors:
        return {name: np.asarray(value) for name, value in self._function(inputs).items()}
