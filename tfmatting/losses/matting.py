"""Losses on alpha mattes. All take `[B, H, W, 1]` and return one value a sample, `[B]`."""

from __future__ import annotations

from keras import ops


def alpha_l1(true, predicted):
    """Mean absolute difference of two mattes."""
    return ops.mean(ops.abs(true - predicted), axis=(1, 2, 3))
