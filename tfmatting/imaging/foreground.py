"""Foreground estimation: the subject's own colour in pixels that it shares with the background.

A semi-transparent pixel of the photo is a mixture of both colours. A cut-out that keeps the
mixture shows a fringe of the old background on the new one.
"""

from __future__ import annotations

import cv2
import numpy as np

from tfmatting.errors import InputError, MissingExtraError

ESTIMATORS = ("blur-fusion", "multilevel", "off")


def estimate_foreground(
    image: np.ndarray, alpha: np.ndarray, method: str = "blur-fusion"
) -> np.ndarray:
    """Estimate the foreground colours for a given alpha.

    Args:
        image: uint8 [H, W, 3].
        alpha: float32 [H, W] in [0, 1].
        method: "blur-fusion" (OpenCV only), "multilevel" (pymatting; slower and smoother), or
            "off" to return the photo itself.

    Returns:
        uint8 [H, W, 3].

    Raises:
        InputError: an unknown method.
        MissingExtraError: "multilevel" without pymatting.
    """
    if method not in ESTIMATORS:
        raise InputError(f"A foreground estimator is one of {ESTIMATORS}. Received: {method!r}.")
    if method == "off":
        return image
    if method == "multilevel":
        return _multilevel(image, alpha)
    return _blur_fusion(image, alpha)


def _blur_fusion(image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Blur fusion in two passes, a wide one and a narrow one.

    Source: Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021, eq. 4-6, with the
    paper's boxes of 90 and 6 pixels. They grow with photos longer than 1000 pixels.
    """
    scale = max(1.0, max(image.shape[:2]) / 1000)
    picture = image.astype(np.float32)
    weight = cv2.merge([alpha.astype(np.float32)] * 3)
    foreground = background = picture
    for box in (round(90 * scale), round(6 * scale)):
        foreground, background = _fuse(picture, foreground, background, weight, box)
    return np.clip(foreground + 0.5, 0, 255).astype(np.uint8)


def _fuse(picture, foreground, background, weight, box):
    def mean(values):
        return cv2.blur(values, (box, box), borderType=cv2.BORDER_REPLICATE)

    rest = 1 - weight
    mean_alpha = mean(weight)
    mean_foreground = mean(foreground * weight) / (mean_alpha + np.float32(1e-5))
    mean_background = mean(background * rest) / (np.float32(1 + 1e-5) - mean_alpha)
    fused = picture - weight * mean_foreground
    fused -= rest * mean_background
    fused *= weight
    fused += mean_foreground
    return np.clip(fused, 0, 255, out=fused), mean_background


def _multilevel(image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    try:
        from pymatting import estimate_foreground_ml
    except ImportError as error:
        raise MissingExtraError(
            "Multilevel foreground estimation needs pymatting. Run "
            "`pip install tfmatting[refine]`, or use --foreground blur-fusion."
        ) from error
    foreground = estimate_foreground_ml(image / 255.0, alpha.astype(np.float64))
    return np.clip(foreground * 255 + 0.5, 0, 255).astype(np.uint8)
