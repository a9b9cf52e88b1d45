"""Conn: how well pixels are connected to the solid part of the subject."""

from __future__ import annotations

import itertools

import cv2
import numpy as np

from tfmatting.metrics.difference import check_pair

STEP = 0.1
TOLERANCE = np.float32(0.15)


def connectivity_error(alpha_pred, alpha_true, region=None) -> float:
    """Sum of |phi_p - phi_t| (papers print it / 1000).

    For each threshold, the subject is the largest 4-connected component of the pixels that reach it
    in both mattes. Let l be the highest threshold at which a pixel belongs to it, d = alpha - l.
    Then phi = 1 - d if d is at least 0.15, else 1. The background component is never the subject.

    Source: Rhemann et al., CVPR 2009, as in the Composition-1k evaluation and in float32 like it:
    in float64 alphas fall on other sides of the thresholds, which shifts the result by 3 %.
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
    """Return the largest 4-connected component of a boolean mask; all False if it is empty."""
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=4
    )
    if len(statistics) < 2:  # label 0 is the background
        return np.zeros(mask.shape, bool)
    return labels == 1 + int(np.argmax(statistics[1:, cv2.CC_STAT_AREA]))


def _phi(distance: np.ndarray) -> np.ndarray:
    return 1 - distance * (distance >= TOLERANCE)
