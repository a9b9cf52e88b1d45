"""LFM's losses as the published Keras code has them, where that is not what the paper says.

The code calls a pixel solid where alpha is at most 0.05 or at least 0.95, the paper where it is 0
or 1. Everything else is as in `late_fusion`: `[B, H, W, C]` in [0, 1], one value per sample.

Source: the Keras code of Zhang et al., "A Late Fusion CNN for Digital Matting", CVPR 2019, its
`ce_weight` and the losses that take it. Its absolute values are sqrt(x^2 + 1e-7), which differs by
3e-4 at most and is left out.
"""

from __future__ import annotations

from keras import ops

from tfmatting.losses.late_fusion import (
    BINARY_THRESHOLD,
    difference_loss,
    fusion_loss,
    weighted_cross_entropy,
)
from tfmatting.losses.matting import gradient_l1


def coded_segmentation_loss(true, predicted):
    """CE + L_d, summed over the side outputs: the joint stage's term, which has no L_g."""
    true = true + ops.zeros_like(predicted)
    return weighted_cross_entropy(true, predicted, BINARY_THRESHOLD) + difference_loss(
        true, predicted, BINARY_THRESHOLD
    )


def coded_inverse_segmentation_loss(true, predicted):
    """`coded_segmentation_loss` against 1 - alpha."""
    return coded_segmentation_loss(1.0 - true, predicted)


def coded_foreground_loss(true, predicted):
    """CE + L_d + L_g, summed over the side outputs: the classifier stage's term."""
    sides = predicted.shape[-1]
    gradient = gradient_l1(true + ops.zeros_like(predicted), predicted)
    return coded_segmentation_loss(true, predicted) + sides * gradient


def coded_background_loss(true, predicted):
    """`coded_foreground_loss` against 1 - alpha."""
    return coded_foreground_loss(1.0 - true, predicted)


def coded_fusion_loss(true, predicted):
    """L_u with the code's transition."""
    return fusion_loss(true, predicted, BINARY_THRESHOLD)
