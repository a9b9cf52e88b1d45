"""Which files of a folder are images: one rule for matting, evaluation, calibration and training.

A file is an image by its content, or by its suffix, so that a damaged photo is reported and not
passed over. Files that operating systems leave behind are never images.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfmatting.errors import MissingFileError
from tfmatting.imaging.photo_files.formats import (
    IMAGE_SUFFIXES,
    READ_ONLY_SUFFIXES,
    describe_other,
    read_head,
    recognise,
)
from tfmatting.locations import Location, RemotePath
from tfmatting.ordering import in_order

SYSTEM_FILES = (".ds_store", "thumbs.db", "desktop.ini", ".nomedia")
SYSTEM_FOLDERS = ("@eadir", "__macosx", "$recycle.bin", ".thumbnails", ".git")
SUFFIXES = (*IMAGE_SUFFIXES, *READ_ONLY_SUFFIXES)


@dataclass(frozen=True)
class Skipped:
    """A file or folder that was left out, and why."""

    path: Location
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


def scan(
    folder: str | Path, *, recursive: bool = False, order: Callable[[str], Any] | None = None
) -> Iterator[Path | Skipped]:
    """Go through a folder in the order of names; memory stays flat, however many there are.

    Args:
        folder: where to look.
        recursive: search its subfolders too, each after the files beside it.
        order: the key of a name, as for `sorted`; the name itself if omitted.

    Yields:
        The path of each image, and a `Skipped` for everything else.

    Raises:
        MissingFileError: no such folder.
    """
    return scan_location(Path(folder), recursive=recursive, order=order)  # type: ignore


def scan_location(
    folder: Location, *, recursive: bool = False, order: Callable[[str], Any] | None = None
) -> Iterator[Location | Skipped]:
    """The same for folders that fsspec reaches, too; there the suffix alone tells an image."""
    if not folder.is_dir():
        raise MissingFileError(f"No folder at {folder}.")
    return _scan(folder, recursive, order or (lambda name: name))


def _scan(
    folder: Location, recursive: bool, order: Callable[[str], Any]
) -> Iterator[Location | Skipped]:
    folders: list[Location] = []
    for name, is_folder in in_order(_entries(folder), lambda entry: order(entry[0])):
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
        elif isinstance(path, Path) and path.is_symlink():
            yield Skipped(path, "a link to a folder")  # it may lead back up
        else:
            try:
                yield from _scan(path, recursive, order)
            except OSError as error:
                yield Skipped(path, f"cannot be opened: {error.strerror}")


def _entries(folder: Location) -> Iterator[tuple[str, bool]]:
    """Each name in a folder, and whether it is a folder."""
    if isinstance(folder, RemotePath):
        yield from folder.entries()
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            yield entry.name, _is_folder(entry)


def _is_folder(entry: os.DirEntry) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def why_not_an_image(path: Location) -> str | None:
    """Return why a file is left out of a listing; None for an image."""
    name = path.name.lower()
    if name.startswith("._") or name in SYSTEM_FILES:
        return "a system file"
    if path.suffix.lower() in SUFFIXES:
        return None
    if isinstance(path, RemotePath):
        return "not a picture by its name"
    try:
        head = read_head(path) if path.is_file() else b""
    except OSError as error:
        return f"cannot be opened: {error.strerror}"
    return None if recognise(head) else describe_other(head)
