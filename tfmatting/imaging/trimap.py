"""Trimaps and their three encodings, in one place.

On disk 0 / 128 / 255, as float 0 / 0.5 / 1, as class 0 / 1 / 2: background, unknown,
foreground.
"""

from __future__ import annotations

import cv2
import numpy as np

from tfmatting.errors import InputError

DISK_BACKGROUND, DISK_UNKNOWN, DISK_FOREGROUND = 0, 128, 255
UNKNOWN_CLASS = 1


def trimap_from_alpha(alpha: np.ndarray, width: int) -> np.ndarray:
    """Make a trimap: what is solid after eroding, empty after dilating, unknown between.

    Args:
        alpha: uint8 [H, W], 255 = foreground.
        width: diameter of the elliptic kernel in pixels; the unknown band reaches about half
            of it to either side of a hard edge, and covers every soft pixel.

    Returns:
        uint8 [H, W] of 0, 128, 255.

    Source: T-Net's data preparation (its `size` 10 with `smooth` is width 6 here); thresholds
    5 and 250 as there.
    """
    if width < 1:
        raise InputError(f"`width` must be at least 1 pixel. Received: {width}.")
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    trimap = np.full(alpha.shape, DISK_UNKNOWN, np.uint8)
    trimap[cv2.dilate(alpha, kernel) <= 5] = DISK_BACKGROUND
    trimap[cv2.erode(alpha, kernel) >= 250] = DISK_FOREGROUND
    return trimap


def to_classes(trimap: np.ndarray) -> np.ndarray:
    """0 / 128 / 255 to 0 / 1 / 2. Values between go to the nearest, as after a lossy save."""
    return ((trimap.astype(np.uint16) + 64) // 128).clip(0, 2).astype(np.uint8)


def to_float(trimap: np.ndarray) -> np.ndarray:
    """0 / 128 / 255 to 0 / 0.5 / 1, float64."""
    return to_classes(trimap) / 2.0


def unknown_region(trimap: np.ndarray) -> np.ndarray:
    """Boolean [H, W]: the unknown band of a trimap in disk encoding."""
    return to_classes(trimap) == UNKNOWN_CLASS


def implicit_trimap(
    foreground: np.ndarray, background: np.ndarray, width: int = 20, threshold: float = 0.5
) -> np.ndarray:
    """The trimap that two classifiers agree on: unknown where F, dilated, and 1 - B, eroded, part.

    Args:
        foreground, background: float [H, W] in [0, 1], probabilities of either class.
        width: of the square kernel in pixels.
        threshold: above which a pixel counts.

    Returns:
        float32 [H, W] of 0, 0.5, 1.

    Source: `generate_trimap` of the LFM code (Zhang et al., CVPR 2019); an even kernel reaches one
    pixel further down and right, as TensorFlow's "same" does.
    """
    solid = (foreground > threshold).astype(np.uint8)
    empty = (1 - background > threshold).astype(np.uint8)
    kernel = np.ones((width, width), np.uint8)
    anchor = ((width - 1) // 2, (width - 1) // 2)
    apart = cv2.dilate(solid, kernel, anchor=anchor) > cv2.erode(empty, kernel, anchor=anchor)
    return np.where(apart, 0.5, solid).astype(np.float32)
