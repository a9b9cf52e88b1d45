"""Sizes: covering a frame, enlarging without blur."""

from __future__ import annotations

import cv2
import numpy as np

from tfmatting.config import Size


def resize(picture: np.ndarray, size: Size) -> np.ndarray:
    """Resize to (height, width): averaging when smaller, linear when larger."""
    height, width = size
    if picture.shape[:2] == (height, width):
        return picture
    shrinks = picture.shape[0] >= height and picture.shape[1] >= width
    rule = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(picture, (width, height), interpolation=rule)


def cover(picture: np.ndarray, size: Size) -> np.ndarray:
    """Scale a picture to cover (height, width), keeping its aspect, and cut the middle out."""
    height, width = size
    scale = max(height / picture.shape[0], width / picture.shape[1])
    scaled = resize(
        picture,
        (
            max(height, round(picture.shape[0] * scale)),
            max(width, round(picture.shape[1] * scale)),
        ),
    )
    top, left = (scaled.shape[0] - height) // 2, (scaled.shape[1] - width) // 2
    return scaled[top : top + height, left : left + width]


def fit_within(picture: np.ndarray, longest: int) -> np.ndarray:
    """Shrink a picture so that its longer side is at most `longest`; never enlarge."""
    scale = longest / max(picture.shape[:2])
    if scale >= 1:
        return picture
    size = tuple(max(1, round(side * scale)) for side in picture.shape[:2])
    return resize(picture, size)  # type: ignore[arg-type]
