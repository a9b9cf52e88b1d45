"""Paths written in list files: where they may lie, and what to call their samples."""

from __future__ import annotations

from pathlib import Path


def resolve(text: str, root: Path) -> Path | None:
    """Find a listed file as written, from the list's folder, or from the folder above.

    Windows separators are understood. None when it lies in none of these places.
    """
    path = Path(text.strip().replace("\\", "/"))
    for candidate in (path, root / path, root.parent / path):
        if candidate.is_file():
            return candidate
    return None


def unique(stem: str, taken: set[str]) -> str:
    """A sample's name from its file's stem, numbered when taken; it is added to `taken`."""
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    taken.add(name)
    return name
