"""Checks of arrays that users pass in."""

from __future__ import annotations

import numpy as np

from tfmatting.errors import InputError, InputTypeError


def check_image(image: np.ndarray) -> None:
    """Refuse an array that is not a uint8 RGB image.

    Raises:
        InputTypeError: not a NumPy array of uint8.
        InputError: not of shape [H, W, 3], or without pixels.
    """
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        received = getattr(image, "dtype", type(image).__name__)
        raise InputTypeError(
            f"An image is a NumPy array of uint8 (0..255). Received: {received}. Multiply a float "
            "image by 255 and convert it."
        )
    if image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise InputError(
            f"An image is [H, W, 3] RGB. Received: shape {image.shape}. Convert grey with "
            "np.repeat(image[..., None], 3, axis=2)."
        )
