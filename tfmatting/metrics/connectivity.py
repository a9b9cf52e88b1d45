"""Conn: how far pixels hang from the solid part of the subject."""

from __future__ import annotations

import itertools

import cv2
import numpy as np

from tfmatting.metrics.difference import check_pair

STEP = 0.1
TOLERANCE = np.float32(0.15)


def connectivity_error(alpha_pred, alpha_true, region=None) -> float:
    """Sum of |phi_p - phi_t| (papers print it / 1000).

    For every threshold the largest 4-connected component of the pixels at or above it in both
    mattes is found; a pixel belongs to it up to some threshold l, and phi = 1 - d where d =
    alpha - l, if that is at least 0.15. A background component is never taken for the subject.

    Source: Rhemann et al., CVPR 2009, as in the Composition-1k evaluation, in its float32 (in
    float64 the thresholds fall on other sides of the alphas, a shift of 3 %).
    """
    check_pair(alpha_pred, alpha_true, region)
    pred, true = alpha_pred.astype(np.float32), alpha_true.astype(np.float32)
    thresholds = np.arange(0, 1 + STEP, STEP).astype(np.float32)[:11]
    level = np.full(true.shape, -1, np.float32)
    for lower, threshold in itertools.pairwise(thresholds):
        both = (pred >= threshold) & (true >= threshold)
        level[(level == -1) & ~largest_component(both)] = lower
    level[level == -1] = 1
    difference = np.abs(_phi(pred - level) - _phi(true - level))
    chosen = difference if region is None else difference[region]
    return float(chosen.sum(dtype=np.float64))


def largest_component(mask: np.ndarray) -> np.ndarray:
    """The largest 4-connected component of a boolean mask; all False where it is empty."""
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=4
    )
    if len(statistics) < 2:  # label 0 is the background
        return np.zeros(mask.shape, bool)
    return labels == 1 + int(np.argmax(statistics[1:, cv2.CC_STAT_AREA]))


def _phi(distance: np.ndarray) -> np.ndarray:
    return 1 - distance * (distance >= TOLERANCE)
