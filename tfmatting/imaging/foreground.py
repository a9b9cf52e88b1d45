"""Foreground estimation: the subject's own colour in pixels that it shares with the background.

A semi-transparent pixel of the photo is a mixture of both colours. A cut-out that keeps the
mixture shows a fringe of the old background on the new one.
"""

from __future__ import annotations

import cv2
import numpy as np

from tfmatting.errors import InputError, MissingExtraError
from tfmatting.imaging.estimators import ESTIMATORS
from tfmatting.imaging.tiles import (
    CLEAR,
    OPAQUE,
    Enlarger,
    Tile,
    for_each,
    mixed_runs,
    place_among,
    shrink_by,
    shrink_tile,
    with_margin,
)

LONGEST = 1000
"""Pixels of the longer side of the copy that means are computed on, about."""
SMALL = 500
"""Pixels of the longer side of the copy that wide means are computed on, about."""
WIDE, NARROW = 90, 6
"""Pixels of the boxes of both passes."""


def estimate_foreground(
    image: np.ndarray,
    alpha: np.ndarray,
    method: str = "blur-fusion",
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Estimate the foreground colours for a given alpha.

    Args:
        image: uint8 [H, W, 3].
        alpha: float32 [H, W] in [0, 1].
        method: "blur-fusion" (OpenCV only), "multilevel" (pymatting; slower and smoother), or
            "off" to return the photo itself.
        out: uint8 [H, W, 3] to write to, such as the colours of an RGBA image.

    Returns:
        uint8 [H, W, 3].

    Raises:
        InputError: an unknown method.
        MissingExtraError: "multilevel" without pymatting.
    """
    if method not in ESTIMATORS:
        raise InputError(f"A foreground estimator is one of {ESTIMATORS}. Received: {method!r}.")
    if method == "blur-fusion":
        return _blur_fusion(image, alpha, np.empty(image.shape, np.uint8) if out is None else out)
    foreground = image if method == "off" else _multilevel(image, alpha)
    if out is None:
        return foreground
    out[:] = foreground
    return out


def _blur_fusion(image: np.ndarray, alpha: np.ndarray, result: np.ndarray) -> np.ndarray:
    """Blur fusion in two passes, a wide one and a narrow one, tile by tile where alpha is mixed.

    Where alpha is 1 around a pixel, its colour is the foreground; where it is 0 within the narrow
    box, the result is black. Both passes take their means on a copy of about 1000 pixels; the last
    fusion sees every pixel of the photo.

    Source: Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021, eq. 4-6, with the
    paper's boxes of 90 and 6 pixels. They grow with photos longer than 1000 pixels.
    """
    scale = max(1.0, max(image.shape[:2]) / LONGEST)
    shrink = round(scale)
    narrow = round(NARROW * scale / shrink)
    whole, weight = (shrink_by(values, shrink) for values in (image, alpha))
    again = max(1, round(max(image.shape[:2]) // SMALL / shrink))
    wide = _wide_means(whole, weight, again, WIDE * scale / shrink)

    def estimate(tile: Tile) -> None:
        cells = shrink_tile(tile, shrink)
        ringed, _ = with_margin(cells, 1, weight.shape)  # what enlarging looks at
        reach, inner = with_margin(ringed, narrow, weight.shape)
        mixture = _three(weight[reach])
        foreground, background = (means.tile(reach) for means in wide)
        fused = _fuse(whole[reach], mixture, foreground, background)
        near = _means(fused, background, mixture, narrow)
        foreground, background = (
            Enlarger(means[inner], shrink).tile(place_among(tile, ringed, shrink)) for means in near
        )
        picture, mixture = image[tile].astype(np.float32), _three(alpha[tile])
        fused = _fuse(picture, mixture, foreground, background)
        fused += 0.5
        result[tile] = fused  # within 0..255

    mixed = []
    for tile, kind in mixed_runs(alpha, narrow * shrink, shrink):
        if kind == OPAQUE:
            result[tile] = image[tile]
        elif kind == CLEAR:
            result[tile] = 0
        else:
            mixed.append(tile)
    for_each(estimate, mixed)
    return result


def _wide_means(
    image: np.ndarray, alpha: np.ndarray, shrink: int, box: float
) -> tuple[Enlarger, Enlarger]:
    """The means of foreground and background in the wide box, [H, W, 3] each by tiles.

    They are smooth: computed on a smaller copy and enlarged.
    """
    mine, whole = shrink_by(image * _three(alpha), shrink), shrink_by(image, shrink)
    box = round(box / shrink)
    mean_alpha = _three(_mean(shrink_by(alpha, shrink), box))
    mean_mine, mean_whole = _mean(mine, box), _mean(whole, box)
    foreground = mean_mine / (mean_alpha + np.float32(1e-5))
    background = (mean_whole - mean_mine) / (np.float32(1 + 1e-5) - mean_alpha)
    return Enlarger(foreground, shrink), Enlarger(background, shrink)


def _means(fused, background, weight, box):
    """The means of foreground and background in the narrow box."""
    mean_alpha = _three(_mean(np.ascontiguousarray(weight[..., 0]), box))
    rest = 1 - weight
    rest *= background
    mean_background = _mean(rest, box)
    mean_background /= np.float32(1 + 1e-5) - mean_alpha
    mean_foreground = _mean(np.multiply(fused, weight, out=rest), box)
    mean_alpha += np.float32(1e-5)
    mean_foreground /= mean_alpha
    return mean_foreground, mean_background


def _fuse(picture, weight, foreground, background):
    """F + alpha (I - alpha F - (1 - alpha) B), clipped."""
    fused = foreground - background
    fused *= weight
    fused += background
    np.subtract(picture, fused, out=fused)
    fused *= weight
    fused += foreground
    return np.clip(fused, 0, 255, out=fused)


def _mean(values: np.ndarray, box: int) -> np.ndarray:
    return cv2.blur(values, (box, box), borderType=cv2.BORDER_REPLICATE)


def _three(weight: np.ndarray) -> np.ndarray:
    return cv2.merge([np.ascontiguousarray(weight, np.float32)] * 3)


def _multilevel(image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    try:
        from pymatting import estimate_foreground_ml
    except ImportError as error:
        raise MissingExtraError(
            "Multilevel foreground estimation needs pymatting. Run "
            "`pip install 'tfmatting[refine]'`, or use --foreground blur-fusion."
        ) from error
    foreground = estimate_foreground_ml(image / 255.0, alpha.astype(np.float64))
    return np.clip(foreground * 255 + 0.5, 0, 255).astype(np.uint8)
