"""What the inputs of a run are known by: one that is resumed must have the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from tfmatting.video.image_sequence import find_numbers, is_sequence, numbered_path

SAVED_MODEL = "saved_model.pb"


def fingerprint(value: object) -> Any:
    """Return a JSON value that changes when an input of a run changes.

    A file is known by its path, size and modification time, numbered pictures and a SavedModel by
    those of all their files, an array by its content, and any other object by its type alone.
    """
    if isinstance(value, np.ndarray):
        return [str(value.dtype), value.shape, hashlib.sha256(value.tobytes()).hexdigest()]
    if not isinstance(value, (str, Path)):
        return type(value).__name__
    path = Path(value)
    if path.is_file():
        return _facts(path)
    if is_sequence(path):
        numbers = find_numbers(path)
        return [str(path.resolve()), _digest(numbered_path(path, one) for one in numbers)]
    # another folder has only the name of a colour or a model, and may change: outputs go there
    if (path / SAVED_MODEL).is_file():
        files = sorted(file for file in path.rglob("*") if file.is_file())
        return [str(path.resolve()), _digest(files)]
    return str(value)


def _facts(path: Path) -> list[Any]:
    facts = path.stat()
    return [str(path.resolve()), facts.st_size, facts.st_mtime]


def _digest(files: Iterable[Path]) -> str:
    """One value for many files, of whatever number."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(repr(_facts(file)).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
