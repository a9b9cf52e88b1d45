"""A trained network in another form of its model: weights of equally named layers are kept."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np

from tfmatting.errors import InputError
from tfmatting.models.matting_model import MattingModel, another_form
from tfmatting.models.registry import REGISTRY

EDGE_TPU_CORNERS = ("align_corners", "legacy")
ONE_SIZE = ("deeplab_v3", "deeplab_v3_plus")


def with_prior_alpha(model: keras.Model) -> keras.Model:
    """A model that also takes the previous frame's alpha, and gives the same alpha at first.

    The weights that look at the prior are 0.

    Args:
        model: of the registry, with an option `prior_alpha`; returned as it is when that is set.

    Raises:
        InputError: a model that takes no prior.
    """
    return _derived(model, "prior_alpha")


def low_resolution_only(model: keras.Model) -> keras.Model:
    """A model's low-resolution branch alone: a coarse alpha for easy scenes, at a fraction of the
    work.

    Args:
        model: of the registry, with an option `low_resolution`; returned as it is when that is
            set.

    Raises:
        InputError: a model that has no such branch.
    """
    return _derived(model, "low_resolution")


def with_edge_tpu_corners(model: keras.Model) -> keras.Model:
    """A model whose enlargements align corners, as older Edge TPU compilers want them.

    One trained with half-pixel corners gives a slightly different alpha then; training with
    `--set model.corner=align_corners` avoids that.

    Raises:
        InputError: a model whose corner rule is fixed.
    """
    config = dataclasses.asdict(model.matting_config)
    if config.get("corner") in EDGE_TPU_CORNERS:
        return model
    return _derived(model, "corner", EDGE_TPU_CORNERS[0])


def with_any_size(model: keras.Model) -> keras.Model:
    """The same network for inputs of any height and width that its stride divides.

    `matting_config` stays the given model's; its size is the one to take by default.

    Raises:
        InputError: a model that is made for one size.
    """
    if model.name in ONE_SIZE:
        raise InputError(
            f"Model {model.name} is made for one size: its pooled branch is enlarged to it. Export "
            "a file for each size with --input-size."
        )
    config = dataclasses.replace(model.matting_config, input_size=(None, None))
    derived = MattingModel(REGISTRY[model.name].network(config), model.matting_config)
    derived.set_weights(model.get_weights())
    return derived


def with_new_classifier(model: keras.Model, classes: int) -> keras.Model:
    """A segmenter for other classes: its classifier starts from random weights.

    Args:
        model: a segmenter of the registry.
        classes: of the masks it is to be trained on.

    Raises:
        InputError: a model without classes.
    """
    options: dict[str, Any] = dataclasses.asdict(model.matting_config)
    if "classes" not in options:
        raise InputError(f"Model {model.name!r} has no classes; segmenters have.")
    derived = another_form(model, classes=classes, person_class=min(1, classes - 1))
    for layer in derived.layers:
        source = model.get_layer(layer.name)
        shapes = [weight.shape for weight in layer.weights]
        if [weight.shape for weight in source.weights] == shapes:
            layer.set_weights(source.get_weights())
    return derived


def _derived(model: keras.Model, option: str, value: Any = True) -> keras.Model:
    options: dict[str, Any] = dataclasses.asdict(model.matting_config)
    if option not in options:
        raise InputError(f"Model {model.name!r} has no option {option!r} to be derived by.")
    if options[option] == value:
        return model
    derived = another_form(model, **{option: value})
    for layer in derived.layers:
        if not layer.weights:
            continue
        source = model.get_layer(layer.name).get_weights()
        layer.set_weights(
            [_widened(old, new.shape) for old, new in zip(source, layer.get_weights(), strict=True)]
        )
    return derived


def _widened(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Zeros behind the input channels of a kernel that got more of them."""
    if array.shape == shape:
        return array
    result = np.zeros(shape, array.dtype)
    result[:, :, : array.shape[2]] = array
    return result
