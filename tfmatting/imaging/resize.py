"""Resizing: to a given size, to cover a frame, and to fit within a limit."""

from __future__ import annotations

import cv2
import numpy as np

from tfmatting.config import Size

LETTERBOX_GREY = 128
"""Of the bars that keep a photo's proportions."""


AREA, CUBIC = "area", "cubic"
RESIZINGS = (AREA, CUBIC)
"""How photos are shrunk for a network: averaged, or, as some were trained, by OpenCV's cubic."""


def resize(picture: np.ndarray, size: Size, rule: str = AREA) -> np.ndarray:
    """Resize to (height, width).

    Args:
        picture: [H, W] or [H, W, C].
        size: (height, width).
        rule: "area" averages if both sides shrink, and is bilinear else; "cubic" is OpenCV's
            `INTER_CUBIC`, which looks at 4x4 pixels only, however much it shrinks.
    """
    height, width = size
    if picture.shape[:2] == (height, width):
        return picture
    if rule == CUBIC:
        return cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC)
    shrinks = picture.shape[0] >= height and picture.shape[1] >= width
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(picture, (width, height), interpolation=interpolation)


def resize_labels(labels: np.ndarray, size: Size) -> np.ndarray:
    """Resize class indices to (height, width) by nearest neighbour."""
    return cv2.resize(labels, (size[1], size[0]), interpolation=cv2.INTER_NEAREST)


def letterbox(picture: np.ndarray, size: Size, value: int) -> np.ndarray:
    """Pad a picture with bars of one value to the aspect ratio of (height, width)."""
    height, width = picture.shape[:2]
    rows = max(0, round(width * size[0] / size[1]) - height)
    columns = max(0, round(height * size[1] / size[0]) - width)
    top, left = rows // 2, columns // 2
    bars = (top, rows - top, left, columns - left)
    return cv2.copyMakeBorder(picture, *bars, cv2.BORDER_CONSTANT, value=(value,) * 4)


def cover(picture: np.ndarray, size: Size) -> np.ndarray:
    """Scale an image to cover (height, width), keeping its aspect ratio, and crop the centre."""
    height, width = size
    scale = max(height / picture.shape[0], width / picture.shape[1])
    scaled_height = max(height, round(picture.shape[0] * scale))
    scaled_width = max(width, round(picture.shape[1] * scale))
    scaled = resize(picture, (scaled_height, scaled_width))
    top, left = (scaled_height - height) // 2, (scaled_width - width) // 2
    return scaled[top : top + height, left : left + width]


def crop_to_shape(picture: np.ndarray, size: Size) -> np.ndarray:
    """Return the largest centred part of an image with the aspect ratio of (height, width)."""
    height, width = picture.shape[:2]
    cropped_height = min(height, max(1, round(width * size[0] / size[1])))
    cropped_width = min(width, max(1, round(height * size[1] / size[0])))
    top, left = (height - cropped_height) // 2, (width - cropped_width) // 2
    return picture[top : top + cropped_height, left : left + cropped_width]


def fit_within(picture: np.ndarray, longest: int) -> np.ndarray:
    """Shrink an image until its longer side is at most `longest`. Smaller images stay as is."""
    scale = longest / max(picture.shape[:2])
    if scale >= 1:
        return picture
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    return resize(picture, (height, width))
