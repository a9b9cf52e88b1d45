"""IoU and Dice of the binary masks at alpha >= 0.5."""

from __future__ import annotations

import numpy as np

from tfmatting.metrics.difference import check_pair

THRESHOLD = 0.5


def iou(alpha_pred, alpha_true, region=None) -> float:
    """Intersection over union in [0, 1]; 1 if both masks are empty."""
    both, either, _ = _counts(alpha_pred, alpha_true, region)
    return both / either if either else 1.0


def dice(alpha_pred, alpha_true, region=None) -> float:
    """Twice the intersection over the sum of both areas; 1 if both masks are empty."""
    both, _, total = _counts(alpha_pred, alpha_true, region)
    return 2 * both / total if total else 1.0


def _counts(alpha_pred, alpha_true, region) -> tuple[int, int, int]:
    check_pair(alpha_pred, alpha_true, region)
    pred, true = alpha_pred >= THRESHOLD, alpha_true >= THRESHOLD
    if region is not None:
        pred, true = pred & region, true & region
    both = int(np.count_nonzero(pred & true))
    total = int(np.count_nonzero(pred)) + int(np.count_nonzero(true))
    return both, total - both, total
