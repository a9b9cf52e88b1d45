"""Configuration by frozen dataclasses, and the parser of `--set key.path=value`."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from typing import Any, TypeVar

from tfmatting.errors import InputError

Size = tuple[int, int]
Config = TypeVar("Config")


def parse_size(text: str) -> Size:
    """Read a size written as `H,W`.

    Args:
        text: two positive whole numbers with a comma, height first: "256,192".

    Returns:
        `(height, width)` in pixels.

    Raises:
        ValueError: anything else.
    """
    try:
        height, width = (int(part) for part in text.split(","))
    except ValueError:
        height = width = 0
    if height < 1 or width < 1:
        raise InputError(
            f"A size is two positive whole numbers `H,W`, height first. Received: {text!r}. "
            "Write for example 256,256."
        )
    return height, width


def check_multiple(size: Size, stride: int, name: str = "input_size") -> None:
    """Refuse a size that is no multiple of the stride, naming the nearest that is."""
    if any(side < 1 or side % stride for side in size):
        nearest = tuple(max(stride, round(side / stride) * stride) for side in size)
        raise InputError(
            f"`{name}` must be a multiple of {stride}. Received: {size}. Use {nearest}."
        )


def override(config: Config, path: str, text: str) -> Config:
    """Return a copy of a nested frozen dataclass with one field replaced.

    Args:
        config: the dataclass instance.
        path: dotted field names, "augmentation.rotation".
        text: the value as written on the command line; JSON where it parses
            (`0.5`, `true`, `[1, 2]`), else the plain text.

    Raises:
        ValueError: an unknown field (the known ones are listed) or a value of another type.
    """
    name, _, rest = path.partition(".")
    fields = {field.name: field for field in dataclasses.fields(config)}  # type: ignore[arg-type]
    if name not in fields:
        raise InputError(
            f"No setting named {name!r} in {type(config).__name__}. Known: {', '.join(fields)}."
        )
    current = getattr(config, name)
    if rest:
        if not dataclasses.is_dataclass(current):
            raise InputError(
                f"Setting {name!r} has no parts. Received: {path!r}. Use {name}=VALUE."
            )
        value = override(current, rest, text)
    else:
        hints = typing.get_type_hints(type(config))
        value = _convert(text, hints[name], path)
    return dataclasses.replace(config, **{name: value})  # type: ignore[type-var]


def _convert(text: str, kind: Any, path: str) -> Any:
    """Read `text` as the annotated type `kind`."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        value = text
    options = typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)
    for option in options:
        origin = typing.get_origin(option) or option
        if option is types.NoneType:
            if value is None:
                return None
        elif origin is float and isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        elif origin is tuple and isinstance(value, list):
            return tuple(value)
        elif origin is typing.Literal:
            if value in typing.get_args(option):
                return value
        elif (
            isinstance(origin, type)
            and isinstance(value, origin)
            and not (origin is int and isinstance(value, bool))
        ):
            return value
    is_tuple = typing.get_origin(kind) is tuple
    expected = "a list, like [1, 2]" if is_tuple else getattr(kind, "__name__", str(kind))
    raise InputError(f"Setting {path!r} takes {expected}. Received: {text!r}.")


def to_dictionary(config: Any) -> Any:
    """Turn nested dataclasses into plain dictionaries that JSON can hold."""
    if dataclasses.is_dataclass(config) and not isinstance(config, type):
        return {
            field.name: to_dictionary(getattr(config, field.name))
            for field in dataclasses.fields(config)
        }
    if isinstance(config, list | tuple):
        return [to_dictionary(item) for item in config]
    if isinstance(config, dict):
        return {key: to_dictionary(value) for key, value in config.items()}
    return config
