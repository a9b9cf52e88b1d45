"""Pictures without people as samples of their own, some of each kind kept for judging."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmatting.datasets.backgrounds import HELD_BACK, BackgroundSplit
from tfmatting.datasets.sample import Sample
from tfmatting.errors import MissingFileError
from tfmatting.imaging.io import list_images, read_image


@dataclass(frozen=True)
class NegativeSource:
    """A picture without people: its alpha is 0 everywhere, which a portrait's may not be."""

    identifier: str
    path: Path

    def load(self) -> Sample:
        """Read the picture.

        Raises:
            ImageError, FileNotFoundError: see `imaging.io.read_image`.
        """
        image = read_image(self.path)
        return Sample(self.identifier, image, np.zeros(image.shape[:2], np.uint8))


def read_negatives(folder: str | Path, kinds: Sequence[str] = ()) -> dict[str, BackgroundSplit]:
    """Find a folder's pictures and hold every third of each kind back, in the order of names.

    Args:
        folder: of pictures without people.
        kinds: what names of one kind begin with, before "_"; all others are one kind, named
            after the folder.

    Returns:
        Kind -> split. Each kind is divided as `read_backgrounds` divides a folder.

    Raises:
        FileNotFoundError: no such folder, or a kind with fewer than three pictures.
    """
    groups: dict[str, list[Path]] = {}
    for path in list_images(folder):
        beginning = path.stem.split("_")[0]
        groups.setdefault(beginning if beginning in kinds else Path(folder).name, []).append(path)
    for kind, paths in (groups or {Path(folder).name: []}).items():
        if len(paths) < HELD_BACK:
            raise MissingFileError(
                f"A kind of negatives has at least {HELD_BACK} pictures. Received: {len(paths)} "
                f"of {kind!r} in {folder}."
            )
    return {
        kind: BackgroundSplit(
            [path for number, path in enumerate(paths) if number % HELD_BACK != HELD_BACK - 1],
            paths[HELD_BACK - 1 :: HELD_BACK],
        )
        for kind, paths in groups.items()
    }
