"""The inputs of a model: the shapes of its tensors, and batches made from photos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfmatting.imaging.resize import resize
from tfmatting.inference.runtimes import Tensors

IMAGE, PRIOR_ALPHA = "image", "prior_alpha"


def input_specifications(
    model: keras.Model, batch_size: int | None, image_type: tf.DType = tf.float32
) -> dict[str, tf.TensorSpec]:
    """Return name -> shape and type. All inputs but the image are float32."""
    inputs: Any = model.input  # a dictionary, as in every model of the registry
    return {
        name: tf.TensorSpec(
            (batch_size, *tensor.shape[1:]),
            image_type if name == IMAGE else tf.float32,
            name=name,
        )
        for name, tensor in inputs.items()
    }


def input_batches(model: keras.Model, photos: Sequence[np.ndarray]) -> list[Tensors]:
    """Turn photos into the model's inputs.

    For a model with a prior alpha, every second photo gets the alpha that the model itself
    predicts for it. The other photos get zeros, as the first frame of a video does.

    Args:
        model: a model of the registry.
        photos: uint8 [H, W, 3] of any size.

    Returns:
        One batch for each photo: `image` uint8 [1, h, w, 3] and, if the model has it,
        `prior_alpha` float32 [1, h, w, 1].
    """
    size = model.matting_config.input_size
    takes_prior = PRIOR_ALPHA in model.input
    batches = []
    for number, photo in enumerate(photos):
        batch: Tensors = {IMAGE: resize(photo, size)[None]}
        if takes_prior:
            batch[PRIOR_ALPHA] = np.zeros((1, *size, 1), np.float32)
            if number % 2:
                batch[PRIOR_ALPHA] = np.asarray(model(batch, training=False)["alpha"])
        batches.append(batch)
    return batches
