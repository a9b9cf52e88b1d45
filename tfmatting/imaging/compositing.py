"""Compositing a foreground over a background, and blurring the background."""

from __future__ import annotations

import cv2
import numpy as np


def blend(foreground: np.ndarray, background: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Composite: alpha F + (1 - alpha) B.

    Args:
        foreground, background: uint8 [H, W, 3].
        alpha: float32 [H, W] in [0, 1].

    Returns:
        uint8 [H, W, 3].
    """
    weight = np.ascontiguousarray(alpha, np.float32)
    return cv2.blendLinear(foreground, background, weight, 1.0 - weight)


def blur(image: np.ndarray, strength: float) -> np.ndarray:
    """Blur a photo with a Gaussian.

    Args:
        image: uint8 [H, W, 3].
        strength: sigma as a fraction of the longer side (0.02 = 2 %).
    """
    sigma = max(strength * max(image.shape[:2]), 0.1)
    return cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)


def blur_background(image: np.ndarray, alpha: np.ndarray, strength: float = 0.02) -> np.ndarray:
    """Blur the background without letting the subject's colours bleed into it.

    A plain blur spreads the subject's pixels outwards, which leaves a halo. This one averages
    background pixels only (normalised convolution). The area of the subject is filled with the
    colours around it.

    Args:
        image: uint8 [H, W, 3].
        alpha: float32 [H, W] in [0, 1].
        strength: sigma as a fraction of the longer side.

    Returns:
        uint8 [H, W, 3], the background alone. Use `blend` to put the foreground over it.

    Source: Knutsson and Westin, "Normalized and differential convolution", CVPR 1993.
    """
    sigma = max(strength * max(image.shape[:2]), 0.1)
    # Use pixels that are certainly background: mixed pixels contain the subject's colour, and
    # the edge of the matte can be off by a pixel or two.
    reach = max(3, round(max(image.shape[:2]) * 0.006) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    weight = np.clip(1.0 - 20.0 * cv2.dilate(alpha.astype(np.float32), kernel), 0.0, 1.0)
    weighted = image * weight[..., None]
    result = np.zeros(image.shape, np.float32)
    total = np.zeros(alpha.shape, np.float32)
    # The wider passes fill areas where the narrow one finds no background.
    for factor, share in ((1.0, 1.0), (4.0, 1e-3), (16.0, 1e-6)):
        shrink = max(1, int(sigma * factor / 4))
        size = (max(1, image.shape[1] // shrink), max(1, image.shape[0] // shrink))
        small_weight = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
        small = cv2.resize(weighted, size, interpolation=cv2.INTER_AREA)
        radius = sigma * factor / shrink
        full = (image.shape[1], image.shape[0])
        result += share * cv2.resize(_gaussian(small, radius), full)
        total += share * cv2.resize(_gaussian(small_weight, radius), full)
    filled = result / np.maximum(total, 1e-12)[..., None]
    return np.clip(filled + 0.5, 0, 255).astype(np.uint8)


def _gaussian(picture: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
