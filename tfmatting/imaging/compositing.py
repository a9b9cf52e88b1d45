"""Compositing a foreground over a background, and blurring the background."""

from __future__ import annotations

import cv2
import numpy as np

from tfmatting.imaging.io import alpha_to_uint8
from tfmatting.imaging.tiles import (
    CLEAR,
    MIXED,
    OPAQUE,
    Enlarger,
    Tile,
    for_each,
    mixed_runs,
    shrink_by,
    shrink_tile,
    tiles,
    with_margin,
)

WEIGHT_OF_ALPHA = np.clip(1 - np.arange(256, dtype=np.float32) * (20 / 255), 0, 1)
"""How far a pixel is background for sure, by the highest alpha around it in 255ths."""


def blend(
    foreground: np.ndarray,
    background: np.ndarray,
    alpha: np.ndarray,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Composite: alpha F + (1 - alpha) B.

    Args:
        foreground, background: uint8 [H, W, 3].
        alpha: float32 [H, W] in [0, 1].
        out: uint8 [H, W, 3] to write to; it may be the foreground itself.

    Returns:
        uint8 [H, W, 3].
    """
    result = np.empty(foreground.shape, np.uint8) if out is None else out

    def mix(piece: tuple[Tile, int]) -> None:
        tile, kind = piece
        if kind != MIXED:
            result[tile] = (foreground if kind == OPAQUE else background)[tile]
            return
        weight = np.ascontiguousarray(alpha[tile], np.float32)
        result[tile] = cv2.blendLinear(foreground[tile], background[tile], weight, 1 - weight)

    for_each(mix, mixed_runs(alpha, 0))
    return result


def blur(image: np.ndarray, strength: float) -> np.ndarray:
    """Blur a photo with a Gaussian.

    Args:
        image: uint8 [H, W, 3].
        strength: sigma as a fraction of the longer side (0.02 = 2 %).
    """
    sigma = max(strength * max(image.shape[:2]), 0.1)
    return cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)


def repeated_blur(image: np.ndarray) -> np.ndarray:
    """Blur a photo, uint8 [H, W, 3], seven times with 3x3 pixels and a sigma of 3.

    The blur is the same in pixels for photos of every size, and weak in large ones.

    Source: the background blur of the original T-Net code.
    """
    for _ in range(7):
        image = cv2.GaussianBlur(image, (3, 3), 3)
    return image


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
    base = max(1, int(sigma / 4))
    weighted, weight = _certain_background(image, alpha, base)
    height, width = weight.shape
    total = np.zeros((height, width, 4), np.float32)
    # the wider passes fill areas where the narrow one finds no background
    for factor, share in ((1, 1.0), (4, 1e-3), (16, 1e-6)):
        shrink = max(1, int(sigma * factor / 4) // base)
        maps = shrink_by(np.dstack([weighted, weight]), shrink)
        maps = share * _gaussian(maps, sigma * factor / (shrink * base))
        padded = (maps.shape[1] * shrink, maps.shape[0] * shrink)
        total += cv2.resize(maps, padded, interpolation=cv2.INTER_LINEAR)[:height, :width]
    filled = total[..., :3] / np.maximum(total[..., 3:], 1e-12)
    enlarger = Enlarger(np.clip(filled, 0, 255), base)
    result = np.empty(image.shape, np.uint8)

    def write(tile: Tile) -> None:
        result[tile] = enlarger.tile(tile) + np.float32(0.5)

    for_each(write, tiles(image.shape[:2]))
    return result


def _certain_background(
    image: np.ndarray, alpha: np.ndarray, shrink: int
) -> tuple[np.ndarray, np.ndarray]:
    """The image times the weight of certain background, and that weight, both shrunk.

    Mixed pixels contain the subject's colour, and the edge of the matte can be off by a pixel or
    two: they do not count.
    """
    height, width = alpha.shape
    reach = max(3, round(max(height, width) * 0.006) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    small = (-(-height // shrink), -(-width // shrink))
    weighted, weights = np.zeros((*small, 3), np.float32), np.zeros(small, np.float32)

    def weigh(piece: tuple[Tile, int]) -> None:
        tile, kind = piece
        cell = shrink_tile(tile, shrink)
        if kind == CLEAR:
            weighted[cell], weights[cell] = shrink_by(image[tile], shrink), 1
        elif kind == MIXED and alpha[tile].min() < 1 / 20:
            outer, inner = with_margin(tile, reach, alpha.shape)
            grown = cv2.dilate(alpha_to_uint8(alpha[outer]), kernel)[inner]
            weight = cv2.LUT(grown, WEIGHT_OF_ALPHA)
            weighted[cell] = shrink_by(image[tile] * cv2.merge([weight] * 3), shrink)
            weights[cell] = shrink_by(weight, shrink)

    for_each(weigh, mixed_runs(alpha, reach, shrink))
    return weighted, weights


def _gaussian(picture: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
