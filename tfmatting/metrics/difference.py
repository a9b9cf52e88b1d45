"""SAD, MAD and MSE: the difference of two mattes, pixel by pixel."""

from __future__ import annotations

import numpy as np

from tfmatting.errors import InputError


def absolute_difference(
    alpha_pred: np.ndarray, alpha_true: np.ndarray, region: np.ndarray | None = None
) -> np.ndarray:
    """Return |p - t| at the pixels of the region, float64 [N].

    Raises:
        InputError: the shapes differ (nothing is broadcast), or the region is empty.
    """
    check_pair(alpha_pred, alpha_true, region)
    difference = np.abs(alpha_pred.astype(np.float64) - alpha_true.astype(np.float64))
    return difference.ravel() if region is None else difference[region]


def check_pair(
    alpha_pred: np.ndarray, alpha_true: np.ndarray, region: np.ndarray | None = None
) -> None:
    """Refuse pairs that would make a metric broadcast or divide by zero."""
    shapes = {alpha_pred.shape, alpha_true.shape}
    if region is not None:
        shapes.add(region.shape)
    if len(shapes) > 1 or alpha_true.ndim != 2:
        raise InputError(
            "Prediction, truth and region must share one [H, W]. Received: "
            f"{alpha_pred.shape}, {alpha_true.shape}"
            + (f", {region.shape}." if region is not None else ".")
        )
    if region is not None and not region.any():
        raise InputError("The region holds no pixels. Use region=None for the whole image.")


def sad(alpha_pred, alpha_true, region=None) -> float:
    """Sum of absolute differences, in alpha x pixels (papers print it / 1000)."""
    return float(absolute_difference(alpha_pred, alpha_true, region).sum())


def mad(alpha_pred, alpha_true, region=None) -> float:
    """Mean absolute difference, in [0, 1] (papers print it x 1000)."""
    return float(absolute_difference(alpha_pred, alpha_true, region).mean())


def mse(alpha_pred, alpha_true, region=None) -> float:
    """Mean squared difference, in [0, 1]."""
    return float((absolute_difference(alpha_pred, alpha_true, region) ** 2).mean())
