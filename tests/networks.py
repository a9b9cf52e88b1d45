"""What tests do to networks with random weights."""

from __future__ import annotations

import numpy as np


def settle(model, count: int, steps: int = 30) -> None:
    """Move the batch norms' statistics towards those of noise.

    Args:
        model: a matting model; changed.
        count: pictures of noise.
        steps: how often they would be shown: one pass moves as far as that many.
    """
    import keras  # the light package's tests run without it

    kind = keras.layers.BatchNormalization
    norms = [layer for layer in model._flatten_layers() if isinstance(layer, kind)]
    momentums = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum **= steps
    size = model.matting_config.input_size
    image = np.random.default_rng(0).integers(0, 256, (count, *size, 3)).astype("uint8")
    model({"image": image}, training=True)
    for norm, momentum in zip(norms, momentums, strict=True):
        norm.momentum = momentum
