"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_unfinished: set[Path] = set()
"""The folders of files that are being written."""


@contextlib.contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside `path` that takes its place when the block succeeds.

    The temporary path keeps the suffix (writers look at it) and may become a file or a
    folder; files written beside it take their places along with it. When the block raises,
    whatever was written is removed and `path` is as before.

    Args:
        path: the final path; its parent folder is made when missing.

    Raises:
        OSError: the parent cannot be made or written to.
    """
    path = Path(path)
    if path.is_symlink():
        path = path.resolve()  # the link stays, and what it points to is replaced
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".writing-", dir=path.parent))
    _unfinished.add(folder)
    temporary = folder / path.name
    try:
        yield temporary
        for companion in folder.iterdir():
            if companion != temporary:
                companion.replace(path.parent / companion.name)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        temporary.replace(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _unfinished.discard(folder)


def remove_unfinished() -> None:
    """Remove what is being written, for a process that ends at once."""
    for folder in list(_unfinished):
        shutil.rmtree(folder, ignore_errors=True)


def write_text(path: str | Path, text: str) -> None:
    """Write a text file whole or not at all (UTF-8)."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a binary file whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def megabytes(path: Path) -> float:
    """Size of a file or folder in 10^6 bytes."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6
