"""SavedModel with a serving signature."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf


def write_saved_model(
    model: keras.Model, path: Path, precision: str, calibration: Sequence[np.ndarray]
) -> None:
    """Write a folder whose `serving_default` maps `image` uint8 [B, H, W, 3] to all outputs."""
    size = model.matting_config.input_size
    save_with_signature(model, path, None, size, tf.uint8, tuple(model.output_names))


def save_with_signature(model, path, batch_size, size, dtype, outputs) -> None:
    """Save a model with one signature of fixed height and width."""

    specification = tf.TensorSpec((batch_size, *size, 3), dtype, name="image")

    def serve(image):
        predicted = model({"image": tf.cast(image, tf.float32)}, training=False)
        return {name: predicted[name] for name in outputs}

    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint("serving_default", serve, input_signature=[specification])
    archive.write_out(str(path), verbose=False)
