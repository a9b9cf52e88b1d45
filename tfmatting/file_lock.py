"""A file that one process has for itself, for as long as it keeps it open."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO


def open_alone(path: Path) -> IO[str] | None:
    """Open a text file to append to, for this process alone; the system lets go of it at its end.

    Where a system or a file system has no locks, the file is opened without.

    Returns:
        The file; None where another process has it.

    Raises:
        OSError: it cannot be opened.
    """
    while True:
        file = path.open("a", newline="", encoding="utf-8")
        if not _locked(file):
            file.close()
            return None
        if _is(file, path):
            return file
        file.close()  # the other process removed it between the two steps


def remove(file: IO[str], path: Path) -> None:
    """Close and remove a file; nobody opens it between the two where there are locks."""
    if os.name == "nt":  # a file that is open cannot be removed there
        file.close()
    path.unlink()
    file.close()


def _locked(file: IO[str]) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _is(file: IO[str], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
