"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import shutil
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
    import tempfile  # with random and hashlib, which most commands do without

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
        _put(temporary, path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _unfinished.discard(folder)


def _put(temporary: Path, path: Path) -> None:
    """Move to the final name; a folder that is there goes aside first, and back if that fails."""
    if not path.is_dir() or path.is_symlink():
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


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a binary file whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def megabytes(path: Path) -> float:
    """Size of a file or folder in 10^6 bytes."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6
