"""Checkpoints in Keras."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tfmatting.inference.runtimes import Tensors


class KerasRuntime:
    """A `.keras` checkpoint, traced once at its own size."""

    def __init__(self, path: Path, threads: int | None = None):
        tf = import_tensorflow()
        from tfmatting.models.saving import load_model

        if threads:
            set_threads(tf, threads)
        model = load_model(path)
        self.input_size = model.matting_config.input_size
        self.input_names = tuple(model.input_names)
        self._function = tf.function(lambda inputs: model(inputs, training=False))

    def run(self, inputs: Tensors) -> Tensors:
        return {name: np.asarray(value) for name, value in self._function(inputs).items()}


def import_tensorflow():
    """Import TensorFlow, naming the extra that brings it."""
    try:
        import tensorflow
    except ImportError as error:
        raise ImportError(
            "Checkpoints, SavedModels, training and export need TensorFlow. Run "
            "`pip install tfmatting[train]`, or use a .tflite file."
        ) from error
    return tensorflow


def set_threads(tensorflow, threads: int) -> None:
    """Limit TensorFlow's threads; refused by TensorFlow once it has run."""
    try:
        tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
        tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
    except RuntimeError as error:
        raise ValueError(
            "TensorFlow's threads can be set only before it runs. Load this model first."
        ) from error
