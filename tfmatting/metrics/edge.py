"""The error beside the edge of a person, where hair and outlines are."""

from __future__ import annotations

import cv2
import numpy as np

from tfmatting.errors import InputError
from tfmatting.metrics.difference import check_pair, mad

REACH = 7
"""Pixels on either side of the edge."""
NOISE = 0.03
"""Hand-checked mattes carry compression noise: values this close to 0 or 1 count as 0 or 1."""


def near_edge(alpha_true: np.ndarray, reach: float = REACH) -> np.ndarray:
    """Find the pixels beside the edge.

    The edge is every pixel that is partly transparent (more than `NOISE` from 0 and 1). In a matte
    without such pixels (a binary mask) it is every pixel with a 4-neighbour of the other kind.

    Args:
        alpha_true: float [H, W] in [0, 1].
        reach: largest distance from the edge in pixels.

    Returns:
        bool [H, W].
    """
    edge = (alpha_true > NOISE) & (alpha_true < 1 - NOISE)
    if not edge.any():
        edge = _outline(alpha_true > 0.5)
    distance = cv2.distanceTransform((~edge).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return distance <= reach if edge.any() else edge


def edge_mad(alpha_pred, alpha_true, region=None, reach: float = REACH) -> float:
    """Mean absolute difference within `reach` pixels of the true edge, in [0, 1].

    Raises:
        InputError: shapes that differ, or a truth (or region) without an edge.
    """
    check_pair(alpha_pred, alpha_true, region)
    near = near_edge(alpha_true, reach)
    if region is not None:
        near &= region
    if not near.any():
        raise InputError("The truth holds no edge: all of it is 0, or all of it is 1.")
    return mad(alpha_pred, alpha_true, near)


def _outline(mask: np.ndarray) -> np.ndarray:
    outline = np.zeros(mask.shape, bool)
    down, right = mask[1:] != mask[:-1], mask[:, 1:] != mask[:, :-1]
    outline[1:] |= down
    outline[:-1] |= down
    outline[:, 1:] |= right
    outline[:, :-1] |= right
    return outline
