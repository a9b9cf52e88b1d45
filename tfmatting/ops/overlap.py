"""IoU on tensors."""

from __future__ import annotations

from keras import ops

from tfmatting.metrics.overlap import THRESHOLD


def iou(true, predicted):
    """Intersection over union of `[B, H, W, 1]` mattes at alpha >= 0.5, one value a sample.

    The twin of `tfmatting.metrics.iou`; 1 where both masks are empty.
    """
    true, predicted = true >= THRESHOLD, predicted >= THRESHOLD
    overlap = ops.sum(ops.cast(ops.logical_and(true, predicted), "float32"), axis=(1, 2, 3))
    union = ops.sum(ops.cast(ops.logical_or(true, predicted), "float32"), axis=(1, 2, 3))
    return ops.where(union > 0, overlap / ops.maximum(union, 1.0), 1.0)
