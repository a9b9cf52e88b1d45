"""The previous frame's alpha of a training sample, right, wrong or missing.

A still becomes the second frame of a clip: the first one's alpha is the still's, moved as the
person and the camera may have moved. A network that always got a true prior would copy it; so
some are missing, as when a video begins, and some are moved far off, so that the picture counts
more than the past.

Source: MODNet's temporal variant: the prior is kept with probability 0.7 and goes through a
random affine map.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

PRIOR_ALPHA = "prior_alpha"
"""The input's name."""


@dataclass(frozen=True)
class Prior:
    """How priors are made.

    Attributes:
        absent: probability that there is none (zeros).
        corrupted: probability of a random affine map as far as `wrong` says.
        leaving: probability, in a picture without people, that the prior shows one.
        moved: how far things move between frames: part of the side, degrees / 100, and part of
            the size.
        wrong: the same of corrupted priors.
        softened: largest sigma, part of the side, of the blur that makes a mask like a network's.
        stained: probability of spots where the network was wrong: some added, some missing.
        own: part of the samples with a prior that get what the network itself says.
    """

    absent: float = 0.3
    corrupted: float = 0.5
    leaving: float = 0.5
    moved: float = 0.02
    wrong: float = 0.15
    softened: float = 0.008
    stained: float = 0.5
    own: float = 0.5


SPOTS = 4
"""Most spots of a stained prior."""
NO_PRIOR = Prior(absent=1.0)
"""As at a video's first frame."""


def earlier_alpha(alpha: np.ndarray, settings: Prior, generator: np.random.Generator) -> np.ndarray:
    """What a still's alpha was a frame ago: the person's and the camera's motion taken back.

    Args:
        alpha: uint8 [H, W].

    Returns:
        uint8 [H, W].
    """
    return _moved(_moved(alpha, settings.moved, generator), settings.moved, generator)


def as_prior(earlier: np.ndarray, settings: Prior, generator: np.random.Generator) -> np.ndarray:
    """Turn the alpha of the frame before into what the network gets for it.

    Args:
        earlier: uint8 [H, W].

    Returns:
        uint8 [H, W]; all 0 where there is none.
    """
    if generator.random() < settings.absent:
        return np.zeros_like(earlier)
    if generator.random() < settings.corrupted:
        earlier = _moved(earlier, settings.wrong, generator)
    if generator.random() < settings.stained:
        earlier = _stained(earlier, generator)
    sigma = generator.uniform(0, settings.softened) * max(earlier.shape)
    return cv2.GaussianBlur(earlier, (0, 0), sigma) if sigma > 0.3 else earlier


def _stained(alpha: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Add spots and holes, such as a network's own mistakes: else it would keep them for ever."""
    result = alpha.copy()
    height, width = alpha.shape
    for _ in range(generator.integers(1, SPOTS + 1)):
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
    """Shift, turn and scale about the centre; what comes in from outside repeats the edge."""
    height, width = alpha.shape
    shift = generator.uniform(-reach, reach, 2) * (width, height)
    angle = 100 * generator.uniform(-reach, reach)
    matrix = cv2.getRotationMatrix2D(
        ((width - 1) / 2, (height - 1) / 2), angle, 1 + generator.uniform(-reach, reach)
    )
    matrix[:, 2] += shift
    return cv2.warpAffine(alpha, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
