"""Reading and writing image files, in one place to import from. Arrays in memory are RGB."""

from __future__ import annotations

import numpy as np

from tfmatting.imaging.photo_files.formats import IMAGE_SUFFIXES
from tfmatting.imaging.photo_files.image_error import ImageError
from tfmatting.imaging.photo_files.listing import list_images
from tfmatting.imaging.photo_files.reading import read_alpha, read_image, read_photo, read_rgba
from tfmatting.imaging.photo_files.writing import write_image
from tfmatting.imaging.tiles import row_strips

__all__ = [
    "IMAGE_SUFFIXES",
    "ImageError",
    "alpha_to_uint8",
    "list_images",
    "read_alpha",
    "read_image",
    "read_photo",
    "read_rgba",
    "write_image",
]


def alpha_to_uint8(alpha: np.ndarray) -> np.ndarray:
    """Convert alpha in [0, 1] to 0..255 by rounding; uint8 of the same shape."""
    result = np.empty(alpha.shape, np.uint8)
    for strip in row_strips(alpha.shape[:2]):  # no copy of a whole photo in float
        result[strip] = alpha[strip] * 255 + 0.5
    return result
