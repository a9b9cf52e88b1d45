"""Prior alphas: the alpha of the previous frame, for models that take it as an input.

A still is treated as the second frame of a clip. Its prior is its own alpha after a small motion
of the person and the camera. A network that always received a correct prior would copy it.
Therefore some priors are missing, as at the start of a video, and some are moved far off.

Source: MODNet's temporal variant, which keeps the prior with probability 0.7 and applies a random
affine transform to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

PRIOR_ALPHA = "prior_alpha"
"""Name of the model input."""


@dataclass(frozen=True)
class Prior:
    """How prior alphas are made.

    Attributes:
        absent: probability that there is no prior (all zeros).
        corrupted: probability of a large random motion, of range `wrong`.
        leaving: probability that the prior of an image without people shows a person.
        moved: range of the motion between frames: the shift as a fraction of the side, the angle
            in hundreds of degrees, and the relative change of scale.
        wrong: range of the motion of corrupted priors, in the same units.
        softened: largest sigma of the blur, as a fraction of the longer side. A network's matte
            is softer than a mask.
        stained: probability of false blobs, added or removed, as from a wrong prediction.
        self_prior: fraction of the samples with a prior whose prior the network itself predicts.
    """

    absent: float = 0.3
    corrupted: float = 0.5
    leaving: float = 0.5
    moved: float = 0.02
    wrong: float = 0.15
    softened: float = 0.008
    stained: float = 0.5
    self_prior: float = 0.5


BLOBS = 4
"""Largest number of false blobs."""
NO_PRIOR = Prior(absent=1.0)
"""The prior of the first frame of a video."""


def earlier_alpha(alpha: np.ndarray, settings: Prior, generator: np.random.Generator) -> np.ndarray:
    """Simulate the alpha of the frame before a still: motion of the person and the camera.

    Args:
        alpha: uint8 [H, W].
        settings: ranges of the motion.
        generator: the only source of randomness.

    Returns:
        uint8 [H, W].
    """
    return _moved(_moved(alpha, settings.moved, generator), settings.moved, generator)


def as_prior(earlier: np.ndarray, settings: Prior, generator: np.random.Generator) -> np.ndarray:
    """Turn the alpha of the previous frame into the prior that the network receives.

    Args:
        earlier: uint8 [H, W].
        settings: probabilities and ranges.
        generator: the only source of randomness.

    Returns:
        uint8 [H, W]; all 0 if the prior is absent.
    """
    if generator.random() < settings.absent:
        return np.zeros_like(earlier)
    if generator.random() < settings.corrupted:
        earlier = _moved(earlier, settings.wrong, generator)
    if generator.random() < settings.stained:
        earlier = _with_blobs(earlier, generator)
    sigma = generator.uniform(0, settings.softened) * max(earlier.shape)
    return cv2.GaussianBlur(earlier, (0, 0), sigma) if sigma > 0.3 else earlier


def _with_blobs(alpha: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Add false blobs and holes, so that the network learns to correct its own errors."""
    result = alpha.copy()
    height, width = alpha.shape
    for _ in range(generator.integers(1, BLOBS + 1)):
        centre = int(generator.uniform(0, width)), int(generator.uniform(0, height))
        axes = generator.uniform(0.02, 0.2, 2) * max(height, width)
        cv2.ellipse(
            result,
            centre,
            (int(axes[0]), int(axes[1])),
            float(generator.uniform(0, 180)),
            0,
            360,
            int(generator.integers(0, 2)) * 255,
            cv2.FILLED,
        )
    return result


def _moved(alpha: np.ndarray, reach: float, generator: np.random.Generator) -> np.ndarray:
    """Shift, rotate and scale about the centre; the border is replicated."""
    height, width = alpha.shape
    shift = generator.uniform(-reach, reach, 2) * (width, height)
    angle = 100 * generator.uniform(-reach, reach)
    matrix = cv2.getRotationMatrix2D(
        ((width - 1) / 2, (height - 1) / 2), angle, 1 + generator.uniform(-reach, reach)
    )
    matrix[:, 2] += shift
    return cv2.warpAffine(alpha, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
