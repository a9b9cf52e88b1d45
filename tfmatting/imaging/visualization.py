"""Images that show a prediction beside the photo."""

from __future__ import annotations

import numpy as np

from tfmatting.imaging.compositing import blend
from tfmatting.imaging.io import alpha_to_uint8

TINT = (60, 160, 90)


def beside_photo(
    image: np.ndarray, alpha: np.ndarray, labels: np.ndarray | None = None
) -> np.ndarray:
    """Place the photo, the prediction and an overlay of both side by side.

    Args:
        image: uint8 [H, W, 3].
        alpha: float32 [H, W] in [0, 1].
        labels: uint8 [H, W] of class indices, shown in colours instead of alpha.

    Returns:
        uint8 [H, 3 W, 3].
    """
    if labels is None:
        shown = grey_to_rgb(alpha)
        overlay = blend(image, np.full_like(image, TINT), alpha)
    else:
        shown = palette()[labels]
        overlay = np.where(labels[..., None] > 0, image // 2 + shown // 2, image)
    return np.concatenate([image, shown, overlay], axis=1)


def grey_to_rgb(alpha: np.ndarray) -> np.ndarray:
    """Convert float [H, W] in [0, 1] to a grey image, uint8 [H, W, 3]."""
    return np.repeat(alpha_to_uint8(alpha)[..., None], 3, axis=2)


def palette() -> np.ndarray:
    """Return the colours of 256 classes, black for the background, as uint8 [256, 3].

    Source: the bit-reversal colour map of the PASCAL VOC devkit.
    """
    colours = np.zeros((256, 3), np.uint8)
    for number in range(256):
        for bit in range(8):
            for channel in range(3):
                value = (number >> (3 * bit + channel)) & 1 if 3 * bit + channel < 8 else 0
                colours[number, channel] |= value << (7 - bit)
    return colours
