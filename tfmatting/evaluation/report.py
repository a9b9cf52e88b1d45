"""Pictures and tables of an evaluation."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from tfmatting.datasets.sample import SampleSource
from tfmatting.imaging.compositing import blend
from tfmatting.imaging.resize import fit_within
from tfmatting.imaging.visualization import grey_to_rgb
from tfmatting.inference import Predictor

WORST = 10
TILE = 240
CAPTION = 22
# name, factor of the printed figure, unit
PRINTED = (
    ("iou", 1, "alpha >= 0.5"),
    ("dice", 1, "alpha >= 0.5"),
    ("mad", 1e3, "x1e3"),
    ("mse", 1e3, "x1e3"),
    ("sad", 1e-3, "/1000, sum over pixels"),
    ("grad", 1e-3, "/1000, sigma 1.4, no stretching"),
    ("conn", 1e-3, "/1000"),
    ("dtssd", 1e2, "x1e2, whole frames in order"),
    ("messddt", 1e3, "x1e3, along DIS optical flow"),
)


def table(means: dict[str, float], images: int, region: str) -> str:
    """Print figures with their unit, scale and region."""
    lines = [f"{images} images at their own size, region: {region}"]
    for name, factor, unit in PRINTED:
        if name not in means:  # photos do not flicker
            continue
        lines.append(f"  {name.upper():7} {means[name] * factor:10.4f}  {unit}")
    return "\n".join(lines)


def worst_sheet(predictor: Predictor, worst: Sequence[tuple[float, SampleSource]]) -> np.ndarray:
    """Photo, predicted matte, true matte and cut-out of the worst images, a row each.

    Returns:
        uint8 [H, W, 3].
    """
    return np.concatenate([_row(predictor, mad, source) for mad, source in worst], axis=0)


def _row(predictor: Predictor, mad: float, source: SampleSource) -> np.ndarray:
    sample = source.load()
    alpha = predictor.alpha(sample.image)
    green = np.full_like(sample.image, (60, 160, 90))
    tiles = (
        sample.image,
        grey_to_rgb(alpha),
        grey_to_rgb(sample.alpha / 255),
        blend(sample.image, green, alpha),
    )
    row = np.concatenate([_tile(tile) for tile in tiles], axis=1)
    caption = np.full((CAPTION, row.shape[1], 3), 255, np.uint8)
    text = f"{source.identifier}  MAD x1e3 {mad * 1e3:.1f}   photo | predicted | true | cut-out"
    cv2.putText(caption, text, (6, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1, cv2.LINE_AA)
    return np.concatenate([caption, row], axis=0)


def _tile(picture: np.ndarray) -> np.ndarray:
    """Fit a picture into a square tile on grey."""
    picture = fit_within(picture, TILE)
    tile = np.full((TILE, TILE, 3), 200, np.uint8)
    top, left = (TILE - picture.shape[0]) // 2, (TILE - picture.shape[1]) // 2
    tile[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return tile
