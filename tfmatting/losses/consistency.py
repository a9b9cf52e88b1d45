"""MODNet's self-supervision: its branches must agree where there is no ground truth.

Source: Ke et al., "MODNet", AAAI 2022, section 3.4 (sub-objectives consistency, SOC), with the
details of the official trainer. All functions return one value per sample, `[B]`.
"""

from __future__ import annotations

from keras import ops

from tfmatting.losses.objective_decomposition import semantic_target

BAND_PART = 0.05
"""Width of the band, as a fraction of the mean of height and width."""


def semantic_consistency(semantic, alpha):
    """Mean squared error between the semantic map and that of alpha; each is the other's target.

    Args:
        semantic: float [B, H/16, W/16, 1] in [0, 1].
        alpha: float [B, H, W, 1] in [0, 1].
    """
    small = semantic_target(alpha)
    to_alpha = (semantic - ops.stop_gradient(small)) ** 2
    to_semantic = (small - ops.stop_gradient(semantic)) ** 2
    return ops.mean(to_alpha + to_semantic, axis=(1, 2, 3))


def detail_consistency(detail, frozen_detail, alpha):
    """L1 between the detail map and that of the network before the stage, in the band around alpha.

    Args:
        detail, frozen_detail, alpha: float [B, H, W, 1] in [0, 1].
    """
    band = ops.stop_gradient(boundary_band(alpha))
    return ops.mean(band * ops.abs(detail - frozen_detail), axis=(1, 2, 3))


def boundary_band(alpha):
    """Return 1 in the band around alpha's outline (at 0.5), else 0; `BAND_PART` sets its width."""
    side = max(3, int((alpha.shape[1] + alpha.shape[2]) / 2 * BAND_PART)) | 1
    inside = ops.cast(alpha >= 0.5, "float32")
    dilated = ops.max_pool(inside, side, strides=1, padding="same")
    eroded = 1.0 - ops.max_pool(1.0 - inside, side, strides=1, padding="same")
    return dilated - eroded
