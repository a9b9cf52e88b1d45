"""Degradations of an image: blur, motion blur, noise and JPEG compression.

Motion blur and noise come from imgaug. Its import needs `np.sctypes`, which NumPy 2 removed, so
this module defines it.
"""

from __future__ import annotations

import functools

import cv2
import numpy as np

from tfmatting.errors import MissingExtraError


def degrade(
    image: np.ndarray,
    alpha: np.ndarray,
    generator: np.random.Generator,
    *,
    labels: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Apply one random degradation.

    Blur is applied to the alpha as well, because the edge of a blurred person is a mixture.

    Args:
        image: uint8 [H, W, 3].
        alpha: uint8 [H, W], or several as [H, W, n].
        generator: the only source of randomness.
        labels: alpha holds class indices, which must not be interpolated.

    Returns:
        Image and alpha, uint8 and of the same sizes.

    Raises:
        MissingExtraError: imgaug is not installed.
    """
    choice = generator.integers(4)
    if choice == 1:
        quality = int(generator.integers(25, 85))
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR)), alpha
    if choice == 0:
        deviation = generator.uniform(0.3, 1.8)
        both = cv2.GaussianBlur(np.dstack([image, alpha]), (0, 0), deviation)
        return _split(both, alpha, labels)
    augmenters = _imgaug_augmenters()
    seed = int(generator.integers(2**31 - 1))
    if choice == 2:
        size = int(generator.integers(3, 8))
        both = augmenters.MotionBlur(k=size, seed=seed)(image=np.dstack([image, alpha]))
        return _split(np.asarray(both), alpha, labels)
    strength = float(generator.uniform(2, 14))
    augmenter = augmenters.AdditivePoissonNoise(strength, per_channel=True, seed=seed)
    return np.asarray(augmenter(image=image)), alpha


def _split(both: np.ndarray, alpha: np.ndarray, labels: bool) -> tuple[np.ndarray, np.ndarray]:
    """Split channels that were blurred together; class indices are taken from `alpha`."""
    image = np.ascontiguousarray(both[..., :3])
    if labels:
        return image, alpha
    return image, np.ascontiguousarray(both[..., 3:]).reshape(alpha.shape)


@functools.cache
def _imgaug_augmenters():
    """Import imgaug's augmenters; see the module's docstring on NumPy 2."""
    if not hasattr(np, "sctypes"):
        np.sctypes = {  # type: ignore[attr-defined]
            "int": [np.int8, np.int16, np.int32, np.int64],
            "uint": [np.uint8, np.uint16, np.uint32, np.uint64],
            "float": [np.float16, np.float32, np.float64],
            "complex": [np.complex64, np.complex128],
            "others": [bool, object, bytes, str, np.void],
        }
    try:
        import imgaug.augmenters as augmenters
    except ImportError as error:
        raise MissingExtraError(
            "Training augmentation needs imgaug. Run `pip install 'tfmatting[train]'`."
        ) from error
    return augmenters
