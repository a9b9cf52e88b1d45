"""The eight EXIF orientations. Source: CIPA DC-008 (Exif 2.3), tag 0x0112."""

from __future__ import annotations

import numpy as np

ORIENTATION_TAG = 0x0112


def turn_upright(image: np.ndarray, orientation: int) -> np.ndarray:
    """Turn or mirror an image [H, W, ...] so that it shows as it was taken.

    Args:
        image: as stored.
        orientation: 1 to 8; other values are taken as 1, as viewers do.
    """
    if orientation in (5, 6, 7, 8):
        image = image.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    return np.ascontiguousarray(image)
