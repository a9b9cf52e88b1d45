"""A frame-by-frame network turned into one that is shown the previous frame's alpha."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np

from tfmatting.models.registry import build


def with_prior_alpha(model: keras.Model) -> keras.Model:
    """Rebuild a model with the prior alpha as a further input, giving the same alpha at first.

    The weights that look at the prior are 0.

    Args:
        model: of the registry, with an option `prior_alpha`; returned as it is when that is set.

    Raises:
        ValueError: a model that takes no prior.
    """
    config = model.matting_config
    options = dataclasses.asdict(config)
    if "prior_alpha" not in options:
        raise ValueError(f"Model {model.name!r} takes no prior alpha; modnet does.")
    if config.prior_alpha:
        return model
    size = options.pop("input_size")
    temporal = build(model.name, size, **{**options, "prior_alpha": True})
    for layer in temporal.layers:
        if not layer.weights:
            continue
        source = model.get_layer(layer.name).get_weights()
        layer.set_weights(
            [_widened(old, new.shape) for old, new in zip(source, layer.get_weights(), strict=True)]
        )
    return temporal


def _widened(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Zeros behind the input channels of a kernel that got more of them."""
    if array.shape == shape:
        return array
    result = np.zeros(shape, array.dtype)
    result[:, :, : array.shape[2]] = array
    return result
