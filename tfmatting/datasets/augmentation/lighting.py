"""Light that photo collections rarely show.

Lamps and screens light a face unevenly, and before a window or a low sun a person is dark.
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


def backlight(image: np.ndarray, alpha: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Darken a person, and what is held, before a background that is too bright.

    Half of the time the light spills over the outline, as in a lens: otherwise a sharp change of
    brightness would be all that there is to see.

    Args:
        image: uint8 [H, W, 3].
        alpha: uint8 [H, W] of the person. Nothing changes where it is 0 everywhere.
        generator: draws darkness, glow and how far the light spills.

    Returns:
        uint8 [H, W, 3].
    """
    if not alpha.any():
        return image
    dark, glow = generator.uniform(0.25, 0.8), generator.uniform(0.0, 0.6)
    inside = alpha.astype(np.float32)[..., None] / 255
    if generator.random() < 0.5:
        spill = max(alpha.shape) * generator.uniform(0.005, 0.04)
        inside = np.minimum(inside, cv2.GaussianBlur(inside, (0, 0), spill)[..., None])
    outside = image + glow * (255 - image.astype(np.float32))
    return (inside * image * dark + (1 - inside) * outside).astype(np.uint8)
