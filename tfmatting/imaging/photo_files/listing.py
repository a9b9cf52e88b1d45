"""Which files of a folder are images: one rule for matting, evaluation, calibration and training.

A file is an image by its content, or by its suffix, so that a damaged photo is reported and not
passed over. Files that operating systems leave behind are never images.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tfmatting.errors import MissingFileError
from tfmatting.imaging.photo_files.formats import (
    IMAGE_SUFFIXES,
    READ_ONLY_SUFFIXES,
    describe_other,
    read_head,
    recognise,
)

SYSTEM_FILES = (".ds_store", "thumbs.db", "desktop.ini", ".nomedia")
SYSTEM_FOLDERS = ("@eadir", "__macosx", "$recycle.bin", ".thumbnails", ".git")
SUFFIXES = (*IMAGE_SUFFIXES, *READ_ONLY_SUFFIXES)


@dataclass(frozen=True)
class Skipped:
    """A file or folder that was left out, and why."""

    path: Path
    reason: str


def list_images(folder: str | Path, *, recursive: bool = False) -> list[Path]:
    """List the images in a folder, sorted by name.

    Args:
        folder: where to look.
        recursive: search its subfolders too.

    Raises:
        MissingFileError: no such folder.
    """
    return [entry for entry in scan(folder, recursive=recursive) if isinstance(entry, Path)]


def scan(folder: str | Path, *, recursive: bool = False) -> Iterator[Path | Skipped]:
    """Go through a folder in the order of names; a folder at a time is kept in memory.

    Args:
        folder: where to look.
        recursive: search its subfolders too, each after the files beside it.

    Yields:
        The path of each image, and a `Skipped` for everything else.

    Raises:
        MissingFileError: no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise MissingFileError(f"No folder at {folder}.")
    return _scan(folder, recursive)


def _scan(folder: Path, recursive: bool) -> Iterator[Path | Skipped]:
    folders: list[Path] = []
    with os.scandir(folder) as entries:
        found = sorted((entry.name, _is_folder(entry)) for entry in entries)
    for name, is_folder in found:
        path = folder / name
        if is_folder:
            folders.append(path)
        else:
            reason = why_not_an_image(path)
            yield Skipped(path, reason) if reason else path
    for path in folders:
        if path.name.lower() in SYSTEM_FOLDERS or path.name.startswith(".writing-"):
            yield Skipped(path, "a system folder")
        elif not recursive:
            yield Skipped(path, "a folder; search it with --recursive")
        elif path.is_symlink():
            yield Skipped(path, "a link to a folder")  # it may lead back up
        else:
            try:
                yield from _scan(path, recursive)
            except OSError as error:
                yield Skipped(path, f"cannot be opened: {error.strerror}")


def _is_folder(entry: os.DirEntry) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def why_not_an_image(path: Path) -> str | None:
    """Return why a file is left out of a listing; None for an image."""
    name = path.name.lower()
    if name.startswith("._") or name in SYSTEM_FILES:
        return "a system file"
    if path.suffix.lower() in SUFFIXES:
        return None
    try:
        head = read_head(path) if path.is_file() else b""
    except OSError as error:
        return f"cannot be opened: {error.strerror}"
    return None if recognise(head) else describe_other(head)
