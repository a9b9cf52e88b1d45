"""What cameras and networks do to a picture: blur, motion, noise, compression.

imgaug serves for the two that OpenCV has no call for. It needs `np.sctypes`, which NumPy 2
removed, while it is imported; that is put right here and nowhere else.
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
    """Apply one degradation, chosen and sized by `generator`.

    What blurs the picture blurs the matte as well: the edge of a blurred person is a mixture.

    Args:
        image: uint8 [H, W, 3].
        alpha: uint8 [H, W], or [H, W, n] of several.
        generator: the only source of chance.
        labels: alpha holds class numbers, which are never mixed.

    Returns:
        Both, uint8 and of the same sizes.
    """
    choice = generator.integers(4)
    if choice == 1:
        quality = int(generator.integers(25, 85))
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR)), alpha
    if choice == 0:
        deviation = generator.uniform(0.3, 1.8)
        both = cv2.GaussianBlur(np.dstack([image, alpha]), (0, 0), deviation)
        return _parted(both, alpha, labels)
    augmenters = _imgaug_augmenters()
    seed = int(generator.integers(2**31 - 1))
    if choice == 2:
        size = int(generator.integers(3, 8))
        both = augmenters.MotionBlur(k=size, seed=seed)(image=np.dstack([image, alpha]))
        return _parted(np.asarray(both), alpha, labels)
    strength = float(generator.uniform(2, 14))
    augmenter = augmenters.AdditivePoissonNoise(strength, per_channel=True, seed=seed)
    return np.asarray(augmenter(image=image)), alpha


def _parted(both: np.ndarray, alpha: np.ndarray, labels: bool) -> tuple[np.ndarray, np.ndarray]:
    """Image and alpha of channels blurred together; class numbers stay as they were."""
    image = np.ascontiguousarray(both[..., :3])
    if labels:
        return image, alpha
    return image, np.ascontiguousarray(both[..., 3:]).reshape(alpha.shape)


@functools.cache
def _imgaug_augmenters():
    """Import imgaug's augmenters under NumPy 2."""
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
            "Training augmentation needs imgaug. Run `pip install tfmatting[train]`."
        ) from error
    return augmenters
