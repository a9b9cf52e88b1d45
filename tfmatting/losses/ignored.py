"""Pixels that a data set states nothing for: losses and metrics leave them out.

Every truth says so in the same way: its first channel is below 0 there.
"""

from __future__ import annotations

from keras import ops


def ignored_pixels(true):
    """Where a truth `[B, H, W, C]` states nothing: bool `[B, H, W, 1]`.

    NaN is stated, so that a broken truth is noticed. Don't negate this in a graph: TensorFlow
    turns "not below 0" into "0 or above", which NaN is not.
    """
    return true[..., :1] < 0


def leave_out(true, predicted):
    """Set truth and prediction to 0 where the truth states nothing.

    No gradient comes from those pixels. A prediction of another size than its truth, as MODNet's
    semantic map, and that truth stay as they are: its loss leaves the pixels out itself.

    Args:
        true: `[B, H, W, C]`.
        predicted: `[B, H, W, D]`.
    """
    ignored = ignored_pixels(true)
    if tuple(predicted.shape[1:3]) != tuple(ignored.shape[1:3]):
        return true, predicted
    true = ops.where(ignored, ops.zeros_like(true), true)
    return true, ops.where(ignored, ops.zeros_like(predicted), predicted)


def mean_over_known(values, true):
    """Mean of `[B, H, W, 1]` over the pixels that the truth states something for: `[B]`."""
    ignored = ignored_pixels(true)
    total = ops.sum(ops.where(ignored, ops.zeros_like(values), values), axis=(1, 2, 3))
    known = ops.sum(1.0 - ops.cast(ignored, values.dtype), axis=(1, 2, 3))
    return total / ops.maximum(known, 1.0)
