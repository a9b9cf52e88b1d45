"""Images without people: backgrounds of compositions, and tests for false alarms."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmatting.errors import MissingFileError
from tfmatting.imaging.io import list_images, read_alpha, read_image
from tfmatting.imaging.resize import fit_within, resize

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


class ThingCache:
    """Of people-free pictures in `image/`, those whose `alpha/NAME.png` cuts out a thing.

    Items are image uint8 [H, W, 3] and alpha uint8 [H, W]: an animal, clothes on a chair.
    """

    def __init__(self, paths: Sequence[Path], longest: int):
        self._paths = [path for path in paths if _thing(path).is_file()]
        self._longest = longest
        self._pairs: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        pair = self._pairs.get(index)
        if pair is None:
            path = self._paths[index]
            image = fit_within(read_image(path), self._longest)
            pair = image, resize(read_alpha(_thing(path)), image.shape[:2])
            with self._lock:
                self._pairs[index] = pair
        return pair


def _thing(path: Path) -> Path:
    return path.parent.parent / "alpha" / f"{path.stem}.png"
