"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tfmatting.errors import InputError

Identity = tuple[int, int]
"""What a file or folder is under all of its names: device and number."""

_unfinished: set[Path] = set()
"""The folders of files that are being written."""


@contextlib.contextmanager
def atomic_path(path: str | Path, *, folder: bool = False) -> Iterator[Path]:
    """Give a temporary path beside `path` that takes its place when the block succeeds.

    The temporary path keeps the suffix (writers look at it); files written beside it take their
    places along with it. When the block raises, whatever was written is removed and `path` is as
    before.

    Args:
        path: the final path; its parent folder is made when missing.
        folder: the block writes a folder. It takes the place of one that holds nothing else than
            it does itself, such as an earlier version.

    Raises:
        InputError: a file's name that is a folder's, or a folder of other things.
        OSError: the parent cannot be made or written to.
    """
    import tempfile  # with random and hashlib, which most commands do without

    path = Path(path)
    if path.is_symlink() or not path.name or path.name == "..":
        path = path.resolve()  # a link stays, and what it points to is replaced
    if not folder:
        check_file(path)
    elif path.is_file():
        raise InputError(f"A folder is written here. Received: {path}, a file. Give another.")
    path.parent.mkdir(parents=True, exist_ok=True)
    workplace = Path(tempfile.mkdtemp(prefix=".writing-", dir=path.parent))
    _unfinished.add(workplace)
    temporary = workplace / path.name
    try:
        yield temporary
        companions = [item for item in workplace.iterdir() if item != temporary]
        for companion in companions:
            check_file(path.parent / companion.name)
        if folder and path.is_dir():
            _check_replaced(path, temporary)
        for companion in companions:
            companion.replace(path.parent / companion.name)
        _put(temporary, path)
    finally:
        shutil.rmtree(workplace, ignore_errors=True)
        _unfinished.discard(workplace)


def identity(path: Path) -> Identity | None:
    """What a name stands for; None if there is nothing, or nothing that can be reached."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def same_file(one: Path, other: Path) -> bool:
    """Whether two names, links among them, are one file or folder that is there."""
    there = identity(one)
    return there is not None and there == identity(other)


def check_file(path: str | Path | None, *inputs: str | Path | None) -> None:
    """Refuse, before the work, the name of a file to write.

    Args:
        path: the file; None where none is asked for.
        inputs: what is read.

    Raises:
        InputError: it is a folder's, or that of an input.
    """
    if path is None:
        return
    path = Path(path)
    if path.is_dir():
        raise InputError(f"A file is written here. Received: {path}, a folder. Give another.")
    for given in filter(None, inputs):
        if same_file(path, Path(given)):
            raise InputError(f"{given} is read, and would be written over. Give another name.")


def _check_replaced(path: Path, new: Path) -> None:
    """Refuse to remove what a new folder does not bring again."""
    others = {item.name for item in path.iterdir()} - {item.name for item in new.iterdir()}
    if others:
        raise InputError(
            f"A new folder is written, or an earlier one replaced. Received: {path}, with "
            f"{min(others)!r} in it. Give another name."
        )


def _put(temporary: Path, path: Path) -> None:
    """Move to the final name; a folder that is there goes aside first, and back if that fails."""
    if not path.is_dir():
        temporary.replace(path)
        return
    aside = temporary.with_name(f"{path.name}.old")
    path.replace(aside)  # and is removed later: a process may be killed while it removes
    try:
        temporary.replace(path)
    except OSError:
        aside.replace(path)
        raise


def remove_unfinished() -> None:
    """Remove what is being written, for a process that ends at once."""
    for folder in list(_unfinished):
        shutil.rmtree(folder, ignore_errors=True)


def write_text(path: str | Path, text: str) -> None:
    """Write a text file whole or not at all, in UTF-8 with its own line ends on every system."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(text.encode("utf-8"))


def write_json(path: str | Path, value: Any) -> None:
    """Write a JSON file whole or not at all."""
    write_text(path, json.dumps(value, indent=2) + "\n")


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a binary file whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def megabytes(path: Path) -> float:
    """Size of a file or folder in 10^6 bytes."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6
