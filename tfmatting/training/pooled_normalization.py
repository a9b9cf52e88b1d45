"""Refuses batches that leave a batch normalisation a single value to normalise."""

from __future__ import annotations

import math

import keras

from tfmatting.errors import InputError


def check_normalization(model: keras.Model, batch_size: int) -> None:
    """Refuse a batch of which a batch normalisation that learns sees one value a channel.

    Behind global pooling a map is 1x1. With one sample the variance is 0 and the output a
    constant, in training alone: the network that is used later is another one.

    Args:
        model: with the layers frozen that do not learn.
        batch_size: samples a step.

    Raises:
        InputError: naming the layer.
    """
    for layer in model.layers:
        if not isinstance(layer, keras.layers.BatchNormalization) or not layer.trainable:
            continue
        places = layer.input.shape[1:-1]
        if None not in places and batch_size * math.prod(places) == 1:
            raise InputError(
                f"Batch normalisation needs 2 values a channel. Received: batch size {batch_size}, "
                f"and a 1x1 map in layer {layer.name}. Use --batch-size 2 or larger, or keep the "
                "statistics as they are (--set stages.STAGE.freeze_normalization=true)."
            )
