"""Photos to calibrate on and to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfmatting.datasets.sources import SAMPLE
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.errors import InputError
from tfmatting.imaging.io import ImageError, list_images, read_image

CALIBRATION_PHOTOS = 100
CHECKED = 7
"""How many of the calibration photos an export is compared on, beside a real portrait."""


def read_photos(source: str | Path | Sequence[np.ndarray], count: int) -> list[np.ndarray]:
    """Read photos spread evenly over a folder, or draw samples.

    Args:
        source: a folder of pictures, a data set with `image/`, "sample", or photos uint8
            [H, W, 3] that are in memory already.
        count: the largest number of photos to read.

    Returns:
        Photos uint8 [H, W, 3].

    Raises:
        MissingFileError, ImageError: no such folder, no pictures in it, or an unreadable one.
        InputError: an empty list of photos.
    """
    if not isinstance(source, str | Path):
        photos = list(source)
        if not photos:
            raise InputError("An export is compared on at least one photo. Received: none.")
        return photos
    if source == SAMPLE:
        return [item.load().image for item in sample_listing(count, seed=2).sources]
    folder = Path(source)
    for inner in (folder / "train" / "image", folder / "image"):
        if inner.is_dir():
            folder = inner
            break
    paths = list_images(folder)
    if not paths:
        raise ImageError(f"No pictures in {folder}.")
    chosen = np.unique(np.linspace(0, len(paths) - 1, min(count, len(paths))).round().astype(int))
    return [read_image(paths[index]) for index in chosen]


def check_photos(calibration: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return the photos to compare an export on: a real portrait and some of the calibration's."""
    from skimage import data

    return [data.astronaut(), *calibration[:CHECKED]]
