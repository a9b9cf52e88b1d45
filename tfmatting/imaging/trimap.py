"""Trimaps and their three encodings.

Background, unknown and foreground are 0, 128 and 255 on disk, 0, 0.5 and 1 as floats, and
0, 1 and 2 as classes.
"""

from __future__ import annotations

import cv2
import numpy as np

from tfmatting.errors import InputError

DISK_BACKGROUND, DISK_UNKNOWN, DISK_FOREGROUND = 0, 128, 255
UNKNOWN_CLASS = 1


def trimap_from_alpha(alpha: np.ndarray, width: int) -> np.ndarray:
    """Make a trimap from an alpha matte.

    Pixels that are opaque after an erosion are foreground, pixels that are clear after a
    dilation are background, and the others are unknown.

    Args:
        alpha: uint8 [H, W], 255 = foreground.
        width: diameter of the elliptical kernel in pixels. The unknown band extends by about
            half of it to either side of a hard edge, and covers every soft pixel.

    Returns:
        uint8 [H, W] of 0, 128, 255.

    Raises:
        InputError: a width below 1.

    Source: T-Net's data preparation, with its thresholds 5 and 250. Its `size` 10 with `smooth`
    corresponds to a width of 6 here.
    """
    if width < 1:
        raise InputError(f"`width` must be at least 1 pixel. Received: {width}.")
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    trimap = np.full(alpha.shape, DISK_UNKNOWN, np.uint8)
    trimap[cv2.dilate(alpha, kernel) <= 5] = DISK_BACKGROUND
    trimap[cv2.erode(alpha, kernel) >= 250] = DISK_FOREGROUND
    return trimap


def to_classes(trimap: np.ndarray) -> np.ndarray:
    """Convert 0 / 128 / 255 to 0 / 1 / 2. Other values, as in lossy files, go to the nearest."""
    return ((trimap.astype(np.uint16) + 64) // 128).clip(0, 2).astype(np.uint8)


def from_classes(classes: np.ndarray) -> np.ndarray:
    """Convert 0 / 1 / 2 to 0 / 128 / 255, uint8."""
    return np.array((DISK_BACKGROUND, DISK_UNKNOWN, DISK_FOREGROUND), np.uint8)[classes]


def as_disk(trimap: np.ndarray) -> np.ndarray:
    """Move the values of a lossy trimap to the nearest of 0, 128 and 255."""
    return from_classes(to_classes(trimap))


def to_float(trimap: np.ndarray) -> np.ndarray:
    """Convert 0 / 128 / 255 to 0 / 0.5 / 1, float64."""
    return to_classes(trimap) / 2.0


def unknown_region(trimap: np.ndarray) -> np.ndarray:
    """Return the unknown band of a trimap in the disk encoding, bool [H, W]."""
    return to_classes(trimap) == UNKNOWN_CLASS


def implicit_trimap(
    foreground: np.ndarray, background: np.ndarray, width: int = 20, threshold: float = 0.5
) -> np.ndarray:
    """Make the trimap that is implied by a foreground and a background classifier.

    A pixel is unknown where the dilated foreground is larger than the eroded complement of the
    background.

    Args:
        foreground: float [H, W] in [0, 1], the probability of foreground.
        background: float [H, W] in [0, 1], the probability of background.
        width: of the square kernel in pixels.
        threshold: a probability above it counts as 1.

    Returns:
        float32 [H, W] of 0, 0.5, 1.

    Source: `generate_trimap` of the LFM code (Zhang et al., CVPR 2019). An even kernel extends one
    pixel further down and right, as TensorFlow's "same" padding does.
    """
    solid = (foreground > threshold).astype(np.uint8)
    empty = (1 - background > threshold).astype(np.uint8)
    kernel = np.ones((width, width), np.uint8)
    anchor = ((width - 1) // 2, (width - 1) // 2)
    apart = cv2.dilate(solid, kernel, anchor=anchor) > cv2.erode(empty, kernel, anchor=anchor)
    return np.where(apart, 0.5, solid).astype(np.float32)
