"""Pixels that a data set states nothing for: losses and metrics leave them out.

Every truth says so in the same way: its first channel is below 0 there.
"""

from __future__ import annotations

from keras import ops


def known_pixels(true):
    """Where a truth `[B, H, W, C]` states something: bool `[B, H, W, 1]`. NaN counts as stated."""
    return ops.logical_not(true[..., :1] < 0)


def leave_out(true, predicted):
    """Set truth and prediction to 0 where the truth states nothing.

    No gradient comes from those pixels. A prediction of another size than its truth, as MODNet's
    semantic map, stays as it is.

    Args:
        true: `[B, H, W, C]`.
        predicted: `[B, H, W, D]`.
    """
    known = known_pixels(true)
    true = ops.where(known, true, ops.zeros_like(true))
    if tuple(predicted.shape[1:3]) == tuple(known.shape[1:3]):
        predicted = ops.where(known, predicted, ops.zeros_like(predicted))
    return true, predicted


def mean_over_known(values, true):
    """Mean of `[B, H, W, 1]` over the pixels that the truth states something for: `[B]`."""
    known = ops.cast(known_pixels(true), values.dtype)
    total = ops.sum(known * values, axis=(1, 2, 3))
    return total / ops.maximum(ops.sum(known, axis=(1, 2, 3)), 1.0)
