"""The table of models: name -> configuration dataclass and builder, beside `SPECS`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import keras

from tfmatting.config import Size, check_multiple, check_size, typed
from tfmatting.errors import InputError
from tfmatting.models.deeplab_v3 import DeepLabV3Config, build_deeplab_v3
from tfmatting.models.deeplab_v3_plus import DeepLabV3PlusConfig, build_deeplab_v3_plus
from tfmatting.models.lfm import LFMConfig, build_lfm
from tfmatting.models.modnet import MODNetConfig, build_modnet
from tfmatting.models.spec import find
from tfmatting.models.tnet import TNetConfig, build_tnet
from tfmatting.models.unet import UNetConfig, build_unet


class Architecture(NamedTuple):
    """How a model is described and built.

    Attributes:
        config: frozen dataclass of its options, with `input_size` and `stride`.
        network: builds the functional Keras model of a configuration, with random weights.
    """

    config: type
    network: Callable[[Any], keras.Model]


MOST = {
    "input_size": 16_384,
    "width": 4,
    "classes": 1024,
    "feature_channels": 1024,
    "fusion_channels": 1024,
    "detail_channels": 1024,
}
"""Limits of options: no file describes a network of more than about 2 GB of weights."""

REGISTRY: dict[str, Architecture] = {
    "lfm": Architecture(LFMConfig, build_lfm),
    "tnet": Architecture(TNetConfig, build_tnet),
    "unet": Architecture(UNetConfig, build_unet),
    "deeplab_v3": Architecture(DeepLabV3Config, build_deeplab_v3),
    "deeplab_v3_plus": Architecture(DeepLabV3PlusConfig, build_deeplab_v3_plus),
    "modnet": Architecture(MODNetConfig, build_modnet),
}


def validated_config(name: str, input_size: Size | None = None, **options: Any):
    """Make a model's configuration, refusing unknown options and sizes its stride forbids.

    Args:
        name: a name of the registry ("tnet").
        input_size: (height, width); the model's default if omitted.
        **options: fields of the configuration dataclass.

    Raises:
        InputTypeError: no size.
        InputError: unknown model or option, or a size the model cannot take.
    """
    spec = find(name)
    config_type = REGISTRY[name].config
    known = {field.name for field in dataclasses.fields(config_type)}
    unknown = sorted(set(options) - known)
    if unknown:
        raise InputError(
            f"Model {name!r} has no option {', '.join(unknown)}. Known: {', '.join(sorted(known))}."
        )
    size = spec.default_size if input_size is None else input_size
    check_size(size)
    config = config_type(input_size=tuple(map(int, size)), **options)
    check_multiple(config.input_size, config.stride)
    _check_limits(config)
    return config


def _check_limits(config: Any) -> None:
    for option, most in MOST.items():
        value = getattr(config, option, 1)
        values = value if isinstance(value, tuple) else (value,)
        if not all(0 < one <= most for one in values):
            raise InputError(f"`{option}` is above 0 and at most {most:,}. Received: {value}.")


def typed_options(name: str, options: dict[str, Any]) -> dict[str, Any]:
    """Options as a file has them, as the types of the model's configuration.

    Raises:
        InputError: unknown model, or a value of another type.
    """
    find(name)
    return typed(REGISTRY[name].config, options)
