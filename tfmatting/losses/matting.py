"""Losses on alpha mattes. All take `[B, H, W, 1]` and return one value per sample, `[B]`."""

from __future__ import annotations

from keras import ops


def alpha_l1(true, predicted):
    """Mean absolute difference of two mattes."""
    return ops.mean(ops.abs(true - predicted), axis=(1, 2, 3))


def gradient_l1(true, predicted):
    """Mean absolute difference of the horizontal and vertical differences of two mattes.

    Source: Zhang et al., "A Late Fusion CNN for Digital Matting", CVPR 2019, eq. 5.
    """
    error = true - predicted
    horizontal = ops.abs(error[:, :, 1:] - error[:, :, :-1])
    vertical = ops.abs(error[:, 1:] - error[:, :-1])
    return ops.mean(horizontal, axis=(1, 2, 3)) + ops.mean(vertical, axis=(1, 2, 3))
