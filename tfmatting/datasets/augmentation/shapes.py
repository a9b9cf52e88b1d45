"""Photos of other proportions: crops from 1:2 to 2:1, bars beside them, people who lie.

A network that squeezes every photo into a square learns one amount of squeezing from portraits of
one format. These variations come before all others and change nothing but the frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class Shapes:
    """How often the frame of a training sample changes; `AS_FRAMED` never.

    Attributes:
        crop: probability of a cut to other proportions.
        letterbox: probability of bars above and below or beside, as where a player or an app pads.
        lying: probability of a quarter turn.
        upside_down: probability of half a turn.
        proportions: (narrowest, widest) width by height of a cut or padded photo.
    """

    crop: float = 0.0
    letterbox: float = 0.0
    lying: float = 0.0
    upside_down: float = 0.0
    proportions: tuple[float, float] = (0.5, 2.0)


AS_FRAMED = Shapes()
KEPT = 0.35
"""A cut keeps at least so much of the photo's person, or it is not made."""


def vary_shape(
    image: np.ndarray, maps: np.ndarray, settings: Shapes, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Turn, cut and pad a photo and what belongs to it.

    Args:
        image: uint8 [H, W, 3].
        maps: uint8 [H, W] or [H, W, N]; the first is alpha.
        settings: probabilities.
        generator: the only source of chance.

    Returns:
        Both at a new size; maps are 0 in bars.
    """
    if settings == AS_FRAMED:
        return image, maps
    chance = generator.random()
    if chance < settings.lying:
        turns = 1 if generator.random() < 0.5 else 3
        image, maps = (np.ascontiguousarray(np.rot90(v, turns)) for v in (image, maps))
    elif chance < settings.lying + settings.upside_down:
        image, maps = (np.ascontiguousarray(np.rot90(v, 2)) for v in (image, maps))
    if generator.random() < settings.crop:
        image, maps = _cut(image, maps, _proportion(settings, generator), generator)
    if generator.random() < settings.letterbox:
        image, maps = _pad(image, maps, _proportion(settings, generator), generator)
    return image, maps


def _proportion(settings: Shapes, generator: np.random.Generator) -> float:
    return float(np.exp(generator.uniform(*np.log(settings.proportions))))


def cut_square(
    image: np.ndarray, maps: np.ndarray, sides: tuple[int, ...], generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a square window that keeps part of the person.

    Args:
        image, maps: as of `vary_shape`.
        sides: in pixels; one is drawn. At most the photo's shorter side is taken.
        generator: the only source of chance.

    Returns:
        Both at the window's size; as they were where four windows had too little of the person.
    """
    side = min(int(sides[generator.integers(len(sides))]), *image.shape[:2])
    return _window(image, maps, side, side, generator)


def _cut(
    image: np.ndarray, maps: np.ndarray, proportion: float, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The largest window of a proportion, near the person; as it was where that loses too much."""
    height, width = image.shape[:2]
    tall = min(height, max(8, round(width / proportion)))
    wide = min(width, max(8, round(height * proportion)))
    return _window(image, maps, tall, wide, generator)


def _window(
    image: np.ndarray, maps: np.ndarray, tall: int, wide: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A window of a size, drawn up to four times until it keeps enough of the person."""
    height, width = image.shape[:2]
    alpha = maps if maps.ndim == 2 else maps[..., 0]
    person = alpha > 127
    total = int(person.sum())
    for _ in range(4):
        y = int(generator.integers(0, height - tall + 1))
        x = int(generator.integers(0, width - wide + 1))
        window = (slice(y, y + tall), slice(x, x + wide))
        if int(person[window].sum()) >= KEPT * total:
            return np.ascontiguousarray(image[window]), np.ascontiguousarray(maps[window])
    return image, maps


def _pad(
    image: np.ndarray, maps: np.ndarray, proportion: float, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Bars of one colour, of the edge's pixels, or of the blurred photo to reach a proportion."""
    height, width = image.shape[:2]
    rows = max(0, round(width / proportion) - height)
    columns = max(0, round(height * proportion) - width)
    share = 0.5 if generator.random() < 0.7 else float(generator.random())
    top, left = round(rows * share), round(columns * share)
    sides = (top, rows - top, left, columns - left)
    maps = cv2.copyMakeBorder(maps, *sides, cv2.BORDER_CONSTANT, value=0)
    kind = generator.random()
    if kind < 0.25:
        blurred = cv2.resize(image, (width + columns, height + rows))
        blurred = cv2.GaussianBlur(blurred, (0, 0), max(height, width) / 30)
        blurred[top : top + height, left : left + width] = image
        return blurred, maps
    colour = (0, 0, 0) if kind < 0.6 else (255, 255, 255)
    if kind > 0.8:
        colour = tuple(int(v) for v in generator.integers(0, 256, 3))
    return cv2.copyMakeBorder(image, *sides, cv2.BORDER_CONSTANT, value=colour), maps
