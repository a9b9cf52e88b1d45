"""Errors in the transition between foreground and background."""

from __future__ import annotations

from keras import ops


def transition_mad(true, predicted):
    """Mean absolute error of `[B, H, W, 1]` where 0 < alpha < 1, one value per sample.

    The value is 0 for a sample without such pixels.
    """
    inside = ops.cast((true > 0.0) & (true < 1.0), predicted.dtype)
    total = ops.sum(inside * ops.abs(predicted - true), axis=(1, 2, 3))
    return total / ops.maximum(ops.sum(inside, axis=(1, 2, 3)), 1.0)


def inverse_transition_mad(true, predicted):
    """`transition_mad` of 1 - prediction, for networks that predict the background."""
    return transition_mad(true, 1.0 - predicted)
