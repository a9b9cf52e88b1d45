"""Paths in list files: how they are resolved, and how their samples are named."""

from __future__ import annotations

import contextlib
from pathlib import Path


def resolve(text: str, root: Path) -> Path | None:
    """Find a listed file: as written, relative to the list's folder, or to the folder above.

    Windows separators are accepted. Returns None if the file does not exist.
    """
    path = Path(text.strip().replace("\\", "/"))
    for candidate in (path, root / path, root.parent / path):
        with contextlib.suppress(OSError):  # a name that no file can have
            if candidate.is_file():
                return candidate
    return None
