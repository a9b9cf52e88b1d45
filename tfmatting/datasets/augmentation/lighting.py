"""Uneven light: a point or line light that is added to a photo.

Lamps and screens light a face unevenly, which photo collections rarely show.
"""

from __future__ import annotations

import cv2
import numpy as np


def relight(image: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Brighten the surroundings of a random point or line, and darken the rest.

    Args:
        image: uint8 [H, W, 3].
        generator: draws the position, reach, strength and colour of the light.

    Returns:
        uint8 [H, W, 3].
    """
    height, width = image.shape[:2]
    x, y = generator.uniform(-0.2, 1.2, 2) * (width, height)
    rows, columns = np.mgrid[0:height:8, 0:width:8].astype(np.float32)
    if generator.random() < 0.5:
        distance = np.hypot(columns - x, rows - y)
    else:
        angle = generator.uniform(0, np.pi)
        distance = np.abs((columns - x) * np.sin(angle) - (rows - y) * np.cos(angle))
    reach = generator.uniform(0.2, 0.7) * max(height, width)
    light = np.exp(-((distance / reach) ** 2)).astype(np.float32)[..., None]
    gain = generator.uniform(0.0, 0.7) * generator.uniform(0.7, 1.0, 3).astype(np.float32)
    dark = generator.uniform(0.35, 1.0)
    factor = cv2.resize(dark + (1 - dark + gain) * light, (width, height))
    return np.clip(image * factor, 0, 255).astype(np.uint8)
