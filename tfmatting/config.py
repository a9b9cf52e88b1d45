"""Configuration by frozen dataclasses, and the parser of `--set key.path=value`."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
import types
import typing
from collections.abc import Mapping
from numbers import Integral
from typing import Any, TypeVar

from tfmatting.documents import JSONError, parse_json
from tfmatting.errors import InputError, InputTypeError

Size = tuple[int, int]
Config = TypeVar("Config")


def parse_size(text: str) -> Size:
    """Read a size written as `H,W`.

    Args:
        text: two positive whole numbers with a comma, height first: "256,192".

    Returns:
        `(height, width)` in pixels.

    Raises:
        InputError: anything else.
    """
    try:
        height, width = (int(part) for part in text.split(","))
    except ValueError:
        height = width = 0
    if height < 1 or width < 1:
        raise InputError(
            "A size is two positive whole numbers `H,W`, height first. Received: "
            f"{shortened(text)!r}. Write for example 256,256."
        )
    return height, width


def check_size(size: Any) -> None:
    """Refuse what is no size.

    Raises:
        InputTypeError: no two whole numbers.
    """
    sides = size if isinstance(size, tuple | list) else ()
    if len(sides) != 2 or not all(isinstance(side, Integral) for side in sides):
        raise InputTypeError(
            f"`input_size` is (height, width) in whole pixels. Received: {size!r}. Such as "
            "(320, 320)."
        )


def check_multiple(size: Size, stride: int, name: str = "input_size") -> None:
    """Refuse a size that is no multiple of the stride, naming the nearest that is."""
    if any(side < 1 or side % stride for side in size):
        nearest = tuple(max(stride, round(side / stride) * stride) for side in size)
        raise InputError(
            f"`{name}` must be a multiple of {stride}. Received: {size}. Use {nearest}."
        )


def override(config: Config, settings: Mapping[str, str]) -> Config:
    """Return a copy of nested frozen dataclasses with some fields replaced.

    All of them are replaced at once: what only fits together may come in any order.

    Args:
        config: the dataclass instance.
        settings: values by dotted field names, "augmentation.rotation". An entry of a tuple of
            dataclasses is found by its `name`: "stages.joint.epochs". A value is written as on the
            command line; JSON where it parses (`0.5`, `true`, `[1, 2]`), else the plain text.

    Raises:
        InputError: an unknown field (the known ones are listed), a value of another type, or a
            field that is set both as a whole and in part.
    """
    return _override(config, [(path.split("."), path, text) for path, text in settings.items()])


Asked = list[tuple[list[str], str, str]]
"""Names that lead from a configuration to a field, the whole path, and the text of the value."""


def _override(config: Any, asked: Asked) -> Any:
    fields = [field.name for field in dataclasses.fields(config)]
    changes = {}
    for name, inside in _by_first_name(asked).items():
        if name not in fields:
            raise InputError(
                f"No setting named {name!r} in {type(config).__name__}. Known: {', '.join(fields)}."
            )
        current = getattr(config, name)
        whole = [(path, text) for names, path, text in inside if not names]
        if whole and len(inside) > 1:
            paths = ", ".join(repr(path) for _, path, _ in inside)
            raise InputError(
                f"Setting {name!r} is set as a whole or in parts. Received: {paths}. Leave one out."
            )
        if whole:
            path, text = whole[0]
            changes[name] = _convert(text, typing.get_type_hints(type(config))[name], path)
        elif dataclasses.is_dataclass(current):
            changes[name] = _override(current, inside)
        elif isinstance(current, tuple) and current and dataclasses.is_dataclass(current[0]):
            changes[name] = _override_entries(name, current, inside)
        else:
            raise InputError(
                f"Setting {name!r} has no parts. Received: {inside[0][1]!r}. Use {name}=VALUE."
            )
    return dataclasses.replace(config, **changes)


def _by_first_name(asked: Asked) -> dict[str, Asked]:
    """What is asked of each field: the names behind its own."""
    groups: dict[str, Asked] = {}
    for (name, *rest), path, text in asked:
        groups.setdefault(name, []).append((rest, path, text))
    return groups


def _override_entries(name: str, entries: tuple[Any, ...], asked: Asked) -> tuple[Any, ...]:
    """Replace fields of the entries that have given names."""
    known = [entry.name for entry in entries]
    for names, path, _ in asked:
        if names[0] not in known or len(names) == 1:
            raise InputError(
                f"Setting {name!r} is set entry by entry: {name}.ENTRY.SETTING, with ENTRY one of "
                f"{', '.join(known)}. Received: {path!r}."
            )
    groups = _by_first_name(asked)
    return tuple(
        _override(entry, groups[entry.name]) if entry.name in groups else entry for entry in entries
    )


def _convert(text: str, kind: Any, path: str) -> Any:
    """Read `text` as the annotated type `kind`."""
    try:
        value = parse_json(text)
    except JSONError:
        value = text
    try:
        return _as_kind(value, kind)
    except TypeError as error:
        raise InputError(
            f"Setting {path!r} takes {describe(kind)}. Received: {shortened(text)!r}."
        ) from error


def shortened(text: str, most: int = 200) -> str:
    """The text itself, or the start of a long one."""
    return text if len(text) <= most else f"{text[:most]}..."


def typed(config_type: type, options: dict[str, Any]) -> dict[str, Any]:
    """Read options of JSON as the types of a dataclass; unknown ones stay as they are.

    Raises:
        InputError: a value of another type.
    """
    kinds = typing.get_type_hints(config_type)
    return {name: _typed(name, value, kinds.get(name)) for name, value in options.items()}


def _typed(name: str, value: Any, kind: Any) -> Any:
    if kind is None:
        return value
    try:
        return _as_kind(value, kind)
    except TypeError as error:
        raise InputError(
            f"Option {name!r} takes {describe(kind)}. Received: {shortened(repr(value))}."
        ) from error


def _as_kind(value: Any, kind: Any) -> Any:
    """Return a JSON value as the annotated type.

    Raises:
        TypeError: it is of another type.
    """
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        for option in typing.get_args(kind):
            with contextlib.suppress(TypeError):
                return _as_kind(value, option)
        raise TypeError
    origin, parts = typing.get_origin(kind) or kind, typing.get_args(kind)
    if origin is tuple and isinstance(value, list):
        if len(parts) == 2 and parts[1] is Ellipsis:
            parts = (parts[0],) * len(value)
        if len(parts) == len(value):
            return tuple(_as_kind(item, part) for item, part in zip(value, parts, strict=True))
    elif origin is typing.Literal and value in parts:
        return value
    elif origin is float and isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) <= sys.float_info.max:  # neither infinite, nor not a number
            return float(value)
    elif kind is types.NoneType and value is None:
        return None
    elif kind in (int, str, bool) and type(value) is kind and not _is_endless(value):
        return value
    raise TypeError


def _is_endless(value: Any) -> bool:
    """Whether a whole number is one that no array, counter or seed takes."""
    return isinstance(value, int) and abs(value) >= 2**63


def describe(kind: Any) -> str:
    """Name an annotated type for people: "a list of 2: float, float", "int or None"."""
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        return " or ".join(describe(option) for option in typing.get_args(kind))
    origin, parts = typing.get_origin(kind) or kind, typing.get_args(kind)
    if kind is types.NoneType:
        return "null"
    if origin is typing.Literal:
        return f"one of {', '.join(map(str, parts))}"
    if origin is not tuple:
        return (
            getattr(kind, "__name__", str(kind))
            if kind in (int, float, str, bool)
            else (f"no value as text ({getattr(origin, '__name__', origin)})")
        )
    if len(parts) == 2 and parts[1] is Ellipsis:
        return f"a list of {describe(parts[0])}, like [1, 2]"
    return f"a list, like [1, 2], of {len(parts)}: {', '.join(map(describe, parts))}"


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
