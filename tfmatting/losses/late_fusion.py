"""LFM's losses. All take `[B, H, W, C]` in [0, 1] and return one value per sample, `[B]`.

Source: Zhang et al., "A Late Fusion CNN for Digital Matting", CVPR 2019; equation numbers are
the paper's. The paper sums over pixels; here it is the mean, so a loss does not grow with the
image. If a prediction has several channels (side outputs), each is compared with alpha, and the
losses are summed.
"""

from __future__ import annotations

from keras import ops

from tfmatting.losses.matting import gradient_l1

EPSILON = 1e-6
BINARY_THRESHOLD = 0.05
"""Above this alpha, a pixel counts as foreground in the cross-entropy."""
TRANSITION_WEIGHT = 0.5
SOLID_WEIGHT = 0.1
SPARSITY_EXPONENT = 0.9


def transition(alpha, margin: float = 0.0):
    """Return 1.0 where margin < alpha < 1 - margin, else 0.0."""
    return ops.cast((alpha > margin) & (alpha < 1.0 - margin), alpha.dtype)


def difference_loss(true, predicted, margin: float = 0.0):
    """L_d, eq. 4: L1 in the transition, L2 on solid pixels."""
    error = ops.abs(predicted - true)
    inside = transition(true, margin)
    return _mean(inside * error + (1.0 - inside) * error**2)


def weighted_cross_entropy(true, predicted, margin: float = 0.0):
    """CE, eq. 6, against alpha binarized at 0.05: weight 1 on solid pixels, 0.5 in between."""
    label = ops.cast(true > BINARY_THRESHOLD, predicted.dtype)
    predicted = ops.clip(predicted, EPSILON, 1.0 - EPSILON)
    entropy = -label * ops.log(predicted) - (1.0 - label) * ops.log(1.0 - predicted)
    weight = 1.0 - (1.0 - TRANSITION_WEIGHT) * transition(true, margin)
    return _mean(weight * entropy)


def foreground_loss(true, predicted):
    """L_F, eq. 7: CE + L_d + L_g, summed over the side outputs."""
    true = true + ops.zeros_like(predicted)
    sides = predicted.shape[-1]
    return (
        weighted_cross_entropy(true, predicted)
        + difference_loss(true, predicted)
        + sides * gradient_l1(true, predicted)
    )


def background_loss(true, predicted):
    """L_B: L_F against 1 - alpha."""
    return foreground_loss(1.0 - true, predicted)


def fusion_loss(true, predicted, margin: float = 0.0):
    """L_u, eq. 8: weighted mean of |error|, with weight 1 in the transition and 0.1 elsewhere."""
    weight = SOLID_WEIGHT + (1.0 - SOLID_WEIGHT) * transition(true, margin)
    total = ops.sum(weight * ops.abs(predicted - true), axis=(1, 2, 3))
    return total / ops.sum(weight, axis=(1, 2, 3))


def sparsity_loss(true, predicted):
    """L_s, eq. 10: mean of alpha^0.9 + (1 - alpha)^0.9, lowest where alpha is 0 or 1."""
    alpha = ops.clip(predicted, EPSILON, 1.0 - EPSILON)
    return _mean(alpha**SPARSITY_EXPONENT + (1.0 - alpha) ** SPARSITY_EXPONENT)


def _mean(x):
    """Take the mean over pixels and the sum over channels."""
    return ops.sum(ops.mean(x, axis=(1, 2)), axis=-1)
