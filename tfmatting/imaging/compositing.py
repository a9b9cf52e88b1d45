"""Laying a foreground over another background."""

from __future__ import annotations

import cv2
import numpy as np


def blend(foreground: np.ndarray, background: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Compose alpha F + (1 - alpha) B.

    Args:
        foreground, background: uint8 [H, W, 3].
        alpha: float32 [H, W] in [0, 1].

    Returns:
        uint8 [H, W, 3].
    """
    weight = np.ascontiguousarray(alpha, np.float32)
    return cv2.blendLinear(foreground, background, weight, 1.0 - weight)


def blur(image: np.ndarray, strength: float) -> np.ndarray:
    """Blur a photo by a Gaussian.

    Args:
        image: uint8 [H, W, 3].
        strength: sigma as part of the longer side (0.02 = 2 %).
    """
    sigma = max(strength * max(image.shape[:2]), 0.1)
    return cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)


def blur_background(image: np.ndarray, alpha: np.ndarray, strength: float = 0.02) -> np.ndarray:
    """Blur what is behind the subject without its colours running into it.

    A plain blur smears the subject's pixels outwards and leaves a halo around it. Here only
    background pixels count (normalised convolution), and the subject's place is filled from
    around it.

    Args:
        image: uint8 [H, W, 3].
        alpha: float32 [H, W] in [0, 1].
        strength: sigma as part of the longer side.

    Returns:
        uint8 [H, W, 3], the background only; `blend` the foreground over it.

    Source: Knutsson and Westin, "Normalized and differential convolution", CVPR 1993.
    """
    sigma = max(strength * max(image.shape[:2]), 0.1)
    # only what is surely background counts: mixed pixels carry the subject's colour, too, and
    # edges of the matte err by a pixel or two
    reach = max(3, round(max(image.shape[:2]) * 0.006) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    weight = np.clip(1.0 - 20.0 * cv2.dilate(alpha.astype(np.float32), kernel), 0.0, 1.0)
    weighed = image * weight[..., None]
    result = np.zeros(image.shape, np.float32)
    total = np.zeros(alpha.shape, np.float32)
    # wider passes reach where the narrow one sees no background at all
    for factor, share in ((1.0, 1.0), (4.0, 1e-3), (16.0, 1e-6)):
        shrink = max(1, int(sigma * factor / 4))
        size = (max(1, image.shape[1] // shrink), max(1, image.shape[0] // shrink))
        small_weight = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
        small = cv2.resize(weighed, size, interpolation=cv2.INTER_AREA)
        radius = sigma * factor / shrink
        full = (image.shape[1], image.shape[0])
        result += share * cv2.resize(_gaussian(small, radius), full)
        total += share * cv2.resize(_gaussian(small_weight, radius), full)
    filled = result / np.maximum(total, 1e-12)[..., None]
    return np.clip(filled + 0.5, 0, 255).astype(np.uint8)


def _gaussian(picture: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
