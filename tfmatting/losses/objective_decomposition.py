"""MODNet's losses: semantics, detail and fusion. All return one value per sample, `[B]`.

Source: Ke et al., "MODNet", AAAI 2022, eq. 2-4, with the details of the official trainer. The
recipe holds the weights 10, 10, 1 of the sum; the fourfold weight of the unknown band is here.

A `scene` is `[B, H, W, 5]`: alpha, the unknown band (0 or 1), and the image in [-1, 1].
"""

from __future__ import annotations

import numpy as np
from keras import ops

from tfmatting.losses.ignored import ignored_pixels

SEMANTIC_STRIDE = 16
BLUR_SIGMA = 0.8
BAND_WEIGHT = 4.0


def semantic_target(alpha):
    """Return the target of the semantic map: alpha at 1/16, blurred by a 3x3 Gaussian.

    Downsampling is bilinear as in PyTorch: the mean of the four pixels around each centre. The blur
    mirrors the border.
    """
    return _blur(_small(alpha))


def _small(alpha):
    middle = SEMANTIC_STRIDE // 2
    near, far = slice(middle - 1, None, SEMANTIC_STRIDE), slice(middle, None, SEMANTIC_STRIDE)
    return (
        alpha[:, near, near] + alpha[:, near, far] + alpha[:, far, near] + alpha[:, far, far]
    ) / 4.0


def _blur(x):
    line = np.exp(-0.5 * (np.arange(-1, 2) / BLUR_SIGMA) ** 2)
    kernel = np.outer(line, line) / line.sum() ** 2
    padded = ops.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
    kernel = ops.convert_to_tensor(kernel[..., None, None].astype("float32"))
    return ops.conv(padded, kernel, padding="valid")


def semantic_loss(alpha, predicted):
    """Mean squared error of the semantic map, eq. 2.

    Pixels below 0 state nothing: a cell's target is the mean of what is stated around it, and a
    cell without any such pixel of its own counts as right.
    """
    ignored = ignored_pixels(alpha)
    missing = _small(ops.cast(ignored, predicted.dtype))
    around = 1.0 - _blur(missing)  # exactly 1 where all is stated
    total = semantic_target(ops.where(ignored, ops.zeros_like(alpha), alpha))
    target = total / ops.where(around > 0.0, around, ops.ones_like(around))
    error = ops.where(missing < 1.0, (predicted - target) ** 2, ops.zeros_like(target))
    return ops.mean(error, axis=(1, 2, 3))


def detail_loss(scene, predicted):
    """L1 of the detail map inside the unknown band, over all pixels, eq. 3."""
    alpha, band, _ = _parts(scene)
    return ops.mean(band * ops.abs(predicted - alpha), axis=(1, 2, 3))


def matte_loss(scene, predicted):
    """L1 of alpha and of the composite with the image, with weight 1 + 4 in the band, eq. 4."""
    alpha, band, image = _parts(scene)
    weight = 1.0 + BAND_WEIGHT * band
    error = weight * ops.abs(predicted - alpha)
    return ops.mean(error, axis=(1, 2, 3)) + ops.mean(error * ops.abs(image), axis=(1, 2, 3))


def _parts(scene):
    return scene[..., :1], scene[..., 1:2], scene[..., 2:]
