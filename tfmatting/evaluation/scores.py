"""The metrics of one matte, and means of figures by group."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from tfmatting import metrics
from tfmatting.datasets.sample import Sample
from tfmatting.errors import InputError
from tfmatting.imaging.trimap import trimap_from_alpha, unknown_region

Metrics = Mapping[str, Callable[..., float]]
METRICS: Metrics = {
    "sad": metrics.sad,
    "mad": metrics.mad,
    "mse": metrics.mse,
    "grad": metrics.gradient_error,
    "conn": metrics.connectivity_error,
    "iou": metrics.iou,
    "dice": metrics.dice,
}
REGIONS = ("all", "unknown")


@dataclass(frozen=True)
class Row:
    """The figures of one image, by metric."""

    image: str
    figures: dict[str, float]


def score(
    alpha_pred: np.ndarray,
    sample: Sample,
    region: str = "all",
    trimap_width: int = 20,
    metrics: Metrics = METRICS,
) -> dict[str, float]:
    """Return the metrics of one matte.

    Args:
        alpha_pred: float32 [H, W] in [0, 1].
        sample: the image with its truth. Pixels that it ignores are left out.
        region: "all", or "unknown" for the unknown band of the trimap.
        trimap_width: kernel diameter in pixels for the trimap of a sample that has none.
        metrics: which ones, by name; each is called with prediction, truth and region.
    """
    alpha_true = sample.alpha.astype(np.float32) / 255
    mask = None
    if region == "unknown":
        trimap = sample.trimap
        if trimap is None:
            trimap = trimap_from_alpha(sample.alpha, trimap_width)
        mask = unknown_region(trimap)
    if sample.ignored is not None:
        mask = ~sample.ignored if mask is None else mask & ~sample.ignored
    return {name: metric(alpha_pred, alpha_true, mask) for name, metric in metrics.items()}


def check_region(region: str) -> None:
    """Refuse an unknown region.

    Raises:
        InputError: neither "all" nor "unknown".
    """
    if region not in REGIONS:
        raise InputError(f"`region` is one of {REGIONS}. Received: {region!r}.")


def means(rows: Iterable[Row]) -> dict[str, float]:
    """Return the mean of every metric; each image counts the same."""
    rows = list(rows)
    names = rows[0].figures if rows else ()
    return {name: float(np.mean([row.figures[name] for row in rows])) for name in names}


def by_prefix(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Group rows by the part of the image's name before the first "_"."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.image.split("_")[0], []).append(row)
    return groups
