"""Images without people: backgrounds of compositions, and tests for false alarms."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmatting.errors import MissingFileError
from tfmatting.imaging.io import list_images, read_image
from tfmatting.imaging.resize import fit_within

HELD_BACK = 3
"""Every third background, in the order of names, is held out for evaluation."""


@dataclass(frozen=True)
class BackgroundSplit:
    """Backgrounds for training, and held-out backgrounds for measuring false alarms."""

    train: Sequence[Path]
    held_back: Sequence[Path]


def read_backgrounds(folder: str | Path) -> BackgroundSplit:
    """List the images in a folder and hold out every third.

    Raises:
        MissingFileError: no such folder, or fewer than three images in it.
    """
    paths = list_images(folder)
    if len(paths) < HELD_BACK:
        raise MissingFileError(
            f"A folder of backgrounds holds at least {HELD_BACK} pictures. Received: {folder} "
            f"with {len(paths)}."
        )
    kept = paths[HELD_BACK - 1 :: HELD_BACK]
    held_back = set(kept)
    return BackgroundSplit([path for path in paths if path not in held_back], kept)


class BackgroundCache:
    """Decoded backgrounds by index, shrunk until the longer side is at most `longest` pixels."""

    def __init__(self, paths: Sequence[Path], longest: int):
        self._paths = paths
        self._longest = longest
        self._pictures: dict[int, np.ndarray] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: int) -> np.ndarray:
        picture = self._pictures.get(index)
        if picture is None:
            picture = fit_within(read_image(self._paths[index]), self._longest)
            with self._lock:
                self._pictures[index] = picture
        return picture
