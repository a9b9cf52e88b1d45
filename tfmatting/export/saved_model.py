"""SavedModel with a serving signature."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import tensorflow as tf

from tfmatting.export.inputs import input_specifications
from tfmatting.inference.runtimes import Tensors


def write_saved_model(
    model: keras.Model, path: Path, precision: str, calibration: Sequence[Tensors]
) -> None:
    """Write a folder whose `serving_default` maps `image` uint8 [B, H, W, 3] to all outputs."""
    save_with_signature(model, path, None, tf.uint8, tuple(model.output_names))


def save_with_signature(model, path, batch_size, image_type, outputs) -> None:
    """Save a model with one signature of fixed height and width."""
    specifications = input_specifications(model, batch_size, image_type)

    def serve(inputs):
        predicted = model(
            {name: tf.cast(value, tf.float32) for name, value in inputs.items()}, training=False
        )
        return {name: predicted[name] for name in outputs}

    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint("serving_default", serve, input_signature=[specifications])
    archive.write_out(str(path), verbose=False)
