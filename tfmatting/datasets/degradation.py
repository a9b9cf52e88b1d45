"""What cameras and networks do to a picture: blur, motion, noise, compression.

imgaug serves for the two that OpenCV has no call for. It needs `np.sctypes`, which NumPy 2
removed, while it is imported; that is put right here and nowhere else.
"""

from __future__ import annotations

import functools

import cv2
import numpy as np


def degrade(image: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Apply one degradation, chosen and sized by `generator`, to uint8 [H, W, 3]."""
    choice = generator.integers(4)
    if choice == 0:
        return cv2.GaussianBlur(image, (0, 0), generator.uniform(0.3, 1.8))
    if choice == 1:
        quality = int(generator.integers(25, 85))
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))
    augmenters = _imgaug_augmenters()
    seed = int(generator.integers(2**31 - 1))
    if choice == 2:
        size = int(generator.integers(3, 8))
        augmenter = augmenters.MotionBlur(k=size, seed=seed)
    else:
        strength = float(generator.uniform(2, 14))
        augmenter = augmenters.AdditivePoissonNoise(strength, per_channel=True, seed=seed)
    return np.asarray(augmenter(image=image))


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
        raise ImportError(
            "Training augmentation needs imgaug. Run `pip install tfmatting[train]`."
        ) from error
    return augmenters
