"""IoU and Dice on tensors."""

from __future__ import annotations

from keras import ops

from tfmatting.losses.ignored import leave_out
from tfmatting.metrics.overlap import THRESHOLD


def iou(true, predicted):
    """Intersection over union of `[B, H, W, 1]` mattes at alpha >= 0.5, one value per sample.

    Equals `tfmatting.metrics.iou`: 1 if both masks are empty.
    """
    true, predicted = true >= THRESHOLD, predicted >= THRESHOLD
    overlap = ops.sum(ops.cast(ops.logical_and(true, predicted), "float32"), axis=(1, 2, 3))
    union = ops.sum(ops.cast(ops.logical_or(true, predicted), "float32"), axis=(1, 2, 3))
    return ops.where(union > 0, overlap / ops.maximum(union, 1.0), 1.0)


def dice_without_background(true, predicted):
    """Dice of `[B, H, W, C]` class maps, the mean over classes 1 and up, one value per sample.

    A single channel is one class, cut at 0.5. A class that is in neither map counts as 1. Pixels
    without a stated class are left out.
    """
    true, predicted = leave_out(true, predicted)
    if predicted.shape[-1] == 1:
        true, predicted = true >= THRESHOLD, predicted >= THRESHOLD
    else:
        classes = predicted.shape[-1]
        true, predicted = (
            ops.one_hot(ops.argmax(scores, axis=-1), classes)[..., 1:]
            for scores in (true, predicted)
        )
    true, predicted = ops.cast(true, "float32"), ops.cast(predicted, "float32")
    overlap = 2.0 * ops.sum(true * predicted, axis=(1, 2))
    total = ops.sum(true + predicted, axis=(1, 2))
    dice = ops.where(total > 0, overlap / ops.maximum(total, 1.0), 1.0)
    return ops.mean(dice, axis=-1)
