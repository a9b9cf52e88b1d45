"""Text and JSON from strangers, within limits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from tfmatting.errors import InputError

LARGEST = 256_000_000
"""Bytes of a text; a list of a million photos has a hundred million."""


def read_text(path: Path) -> str:
    """Read a UTF-8 text, with or without a byte order mark.

    Raises:
        InputError: larger than `LARGEST`, or not UTF-8.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise InputError(f"A text has at most {LARGEST:,} bytes. Received: {path}.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"A text is in UTF-8. Received: {path}, where byte {error.start} is none of it. Save "
            "it as UTF-8."
        ) from error


def read_json(path: Path) -> Any:
    """Read a JSON document.

    Raises:
        InputError: not JSON, or see `read_text` and `parse_json`.
        OSError: it cannot be read.
    """
    try:
        return parse_json(read_text(path))
    except JSONError as error:
        raise InputError(f"{path} must be JSON. Received: {error}") from error


class JSONError(InputError):
    """A text that is not JSON."""


def parse_json(text: str | bytes) -> Any:
    """Parse JSON as its standard has it: no NaN, no infinity, not nested without end.

    Raises:
        JSONError: anything else.
    """
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        raise JSONError("it is nested too deeply.") from error
    except ValueError as error:  # JSONDecodeError, UnicodeDecodeError, numbers of 4300 digits
        raise JSONError(f"{error}.") from error


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
