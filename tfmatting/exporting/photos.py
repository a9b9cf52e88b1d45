"""Photos to calibrate and compare with."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tfmatting.datasets.sources import SAMPLE
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.imaging.io import ImageError, list_images, read_image

CALIBRATION_PHOTOS = 100
CHECK_PHOTOS = 8


def read_photos(source: str, count: int) -> list[np.ndarray]:
    """Read photos evenly spread over a folder, or draw samples.

    Args:
        source: a folder of pictures, a data set with `image/`, or "sample".
        count: how many at most.

    Returns:
        uint8 [H, W, 3] each.

    Raises:
        FileNotFoundError, ImageError: no such folder, no pictures in it, or an unreadable one.
    """
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


def check_photos(calibration: list[np.ndarray]) -> list[np.ndarray]:
    """Photos to compare an export on: some of the calibration's, and a real portrait."""
    from skimage import data

    return [data.astronaut(), *calibration[: CHECK_PHOTOS - 1]]
