"""The list of jobs: which photos are read, and which files are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tfmatting.errors import InputError
from tfmatting.imaging.io import IMAGE_SUFFIXES, list_images


@dataclass(frozen=True)
class MatteJob:
    """One photo and the file that is made from it."""

    photo: Path
    output: Path


def list_jobs(photos: Iterable[str | Path], output: str | Path, suffix: str) -> list[MatteJob]:
    """Pair every photo with an output file.

    Args:
        photos: image files, and folders of image files.
        output: an image file for a single photo, else a folder.
        suffix: of the files in an output folder, ".png" or ".jpg".

    Returns:
        The jobs in the order of the photos. Every output occurs once, and none is an input.

    Raises:
        MissingFileError: no such folder.
        InputError: a folder without images, several photos for one output, or an output that
            would overwrite its photo.
    """
    paths = [path for given in photos for path in _expand(Path(given))]
    output = Path(output)
    if output.suffix.lower() in IMAGE_SUFFIXES and not output.is_dir():
        return [_job_for_file(paths, output)]
    if output.suffix and not output.is_dir():
        raise InputError(
            f"A picture's name ends in {', '.join(IMAGE_SUFFIXES)}. Received: {output.name!r}."
        )
    jobs: dict[Path, MatteJob] = {}
    for photo in paths:
        target = output / f"{photo.stem}{suffix}"
        if target in jobs:
            raise InputError(f"{photo} and {jobs[target].photo} would both become {target}.")
        jobs[target] = _checked(photo, target, "folder")
    return list(jobs.values())


def _expand(path: Path) -> list[Path]:
    found = list_images(path) if path.is_dir() else [path]
    if not found:
        raise InputError(f"No pictures in {path}. Supported: {', '.join(IMAGE_SUFFIXES)}.")
    return found


def _job_for_file(photos: list[Path], output: Path) -> MatteJob:
    if len(photos) != 1:
        raise InputError(f"{len(photos)} photos need a folder. Received: -o {output}.")
    return _checked(photos[0], output, "name")


def _checked(photo: Path, output: Path, remedy: str) -> MatteJob:
    if photo.resolve() == output.resolve():
        raise InputError(f"The photo would be overwritten: {output}. Give another {remedy}.")
    return MatteJob(photo, output)
