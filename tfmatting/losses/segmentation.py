"""Losses on class maps. All take `[B, H, W, C]` and return one value per sample, `[B]`."""

from __future__ import annotations

from keras import ops

EPSILON = 1e-6


def cross_entropy(true, predicted):
    """Categorical cross-entropy, mean over the pixels that have a class.

    Args:
        true: one-hot or soft class map that sums to 1 over the channels, or to 0 where no class
            is stated.
        predicted: probabilities, as from a softmax.
    """
    predicted = ops.clip(predicted, EPSILON, 1.0)
    total = ops.sum(true * ops.log(predicted), axis=(1, 2, 3))
    return -total / ops.maximum(ops.sum(true, axis=(1, 2, 3)), EPSILON)


def binary_cross_entropy(true, predicted):
    """Cross-entropy of probabilities in [0, 1], mean over pixels and channels."""
    predicted = ops.clip(predicted, EPSILON, 1.0 - EPSILON)
    entropy = true * ops.log(predicted) + (1.0 - true) * ops.log(1.0 - predicted)
    return -ops.mean(entropy, axis=(1, 2, 3))


def dice_loss(true, predicted):
    """1 - Dice coefficient, averaged over channels.

    Dice = (2 sum(t p) + e) / (sum(t) + sum(p) + e).

    Source: Milletari et al., "V-Net", 3DV 2016, with plain sums in the denominator.
    """
    overlap = ops.sum(true * predicted, axis=(1, 2))
    total = ops.sum(true + predicted, axis=(1, 2))
    return 1.0 - ops.mean((2.0 * overlap + EPSILON) / (total + EPSILON), axis=-1)


def bootstrapped_cross_entropy(true, predicted, trust: float = 0.9):
    """Binary cross-entropy against a mixture of the label and the thresholded prediction.

    The label becomes `trust` t + (1 - trust) [p >= 0.5]. Where a confident network disagrees with a
    flawed mask, this bounds the influence of that pixel.

    Source: Reed et al., "Training Deep Neural Networks on Noisy Labels with Bootstrapping", ICLR
    workshop 2015, eq. 7 (hard bootstrapping).
    """
    verdict = ops.cast(ops.stop_gradient(predicted) >= 0.5, predicted.dtype)
    return binary_cross_entropy(trust * true + (1.0 - trust) * verdict, predicted)
