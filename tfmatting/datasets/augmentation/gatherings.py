"""Scenes of any proportions with several people, and things beside them that look like people.

People keep their own proportions here, whatever the picture's are. Things are what networks take
for people: animals, clothes on a chair. They belong to the background, in front of it and
behind the people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from tfmatting.config import Size
from tfmatting.imaging.compositing import blend

Pair = tuple[np.ndarray, np.ndarray]
"""image uint8 [H, W, 3] and alpha uint8 [H, W]."""


class Pairs(Protocol):
    """People or things to draw from."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Pair: ...


@dataclass(frozen=True)
class Gathering:
    """How often and how people gather; `ALONE` never.

    Attributes:
        probability: that a sample becomes such a scene.
        most: people in it, at most.
        smallest: height of a person's photo as part of the scene's, at least.
        beside: probability that a thing stands beside the people.
        beside_as_taken: probability that a thing is laid behind the person of a photo that is
            otherwise as taken.
        proportions: (narrowest, widest) width by height of the scene.
    """

    probability: float = 0.0
    most: int = 4
    smallest: float = 0.4
    beside: float = 0.5
    beside_as_taken: float = 0.0
    proportions: tuple[float, float] = (0.6, 2.0)


ALONE = Gathering()


def scene_size(longest: int, settings: Gathering, generator: np.random.Generator) -> Size:
    """(height, width) of a scene of drawn proportions whose longer side is given."""
    proportion = np.exp(generator.uniform(*np.log(settings.proportions)))
    if proportion >= 1:
        return max(8, round(longest / proportion)), longest
    return longest, max(8, round(longest * proportion))


def gather(
    scene: np.ndarray,
    people: list[Pair],
    things: Pairs,
    settings: Gathering,
    generator: np.random.Generator,
) -> Pair:
    """Lay things and people over a scene.

    Args:
        scene: uint8 [H, W, 3], without people.
        people: foreground colours and alpha of each, those at the back first.
        things: to draw from; may be empty.
        settings: sizes and probabilities.
        generator: the only source of chance.

    Returns:
        The scene, and the union of the people's alpha as they are seen.
    """
    alpha = np.zeros(scene.shape[:2], np.uint8)
    slots = generator.permutation(len(people))
    while len(things) and generator.random() < settings.beside:
        scene, _ = lay(scene, draw(things, generator), settings.smallest, generator)
        if generator.random() < 0.5:
            break
    for slot, person in zip(slots, people, strict=True):
        where = (slot + generator.uniform(0.2, 0.8)) / len(people)
        scene, own = lay(scene, person, settings.smallest, generator, where)
        union = 255 - (255 - alpha.astype(np.uint16)) * (255 - own) // 255
        alpha = union.astype(np.uint8)
    return scene, alpha


def put_behind(pair: Pair, things: Pairs, generator: np.random.Generator) -> Pair:
    """Lay a thing over a photo's background, behind its person; alpha stays.

    The photo's own pixels stay where alpha is not 0, so that the outline keeps its colours.
    """
    if not len(things):
        return pair
    image, alpha = pair
    scene, _ = lay(image, draw(things, generator), 0.3, generator)
    person = cv2.dilate(alpha, np.ones((3, 3), np.uint8)).astype(np.float32) / 255
    return blend(image, scene, person), alpha


def draw(pool: Pairs, generator: np.random.Generator) -> Pair:
    """One of a pool, mirrored or not."""
    image, alpha = pool[int(generator.integers(len(pool)))]
    if generator.random() < 0.5:
        image, alpha = (np.ascontiguousarray(v[:, ::-1]) for v in (image, alpha))
    return image, alpha


def lay(
    scene: np.ndarray,
    pair: Pair,
    smallest: float,
    generator: np.random.Generator,
    where: float | None = None,
) -> Pair:
    """Lay what a pair cuts out over a scene at its own proportions.

    Whoever the lower edge of a photo cuts stands on the lower edge of the scene; whoever a side
    cuts, at that side.

    Args:
        scene: uint8 [H, W, 3].
        pair: colours and alpha.
        smallest: height of the pair as part of the scene's, at least.
        where: of the pair's centre, part of the width; anywhere when omitted.

    Returns:
        The scene, and where the pair came to lie, uint8 [H, W].
    """
    height, width = scene.shape[:2]
    image, alpha = pair
    tall, wide = alpha.shape
    scale = height / tall * np.exp(generator.uniform(np.log(smallest), 0))
    where = float(generator.random()) if where is None else where
    x = where * width - scale * wide / 2
    cut_left, cut_right = (bool(alpha[:, side].max() > 127) for side in (0, -1))
    if cut_left and cut_right:
        scale, x = max(scale, width / wide), 0.0
    elif cut_left:
        x = 0.0
    elif cut_right:
        x = width - scale * wide
    y = height - scale * tall
    if not alpha[-1].max() > 127 and y > 0:
        y *= generator.uniform(0.5, 1.0)
    matrix = np.array([[scale, 0, x], [0, scale, y]])
    target = (width, height)
    rule = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    colours = cv2.warpAffine(image, matrix, target, flags=rule, borderMode=cv2.BORDER_REPLICATE)
    own = cv2.warpAffine(alpha, matrix, target, flags=rule)
    return blend(colours, scene, own.astype(np.float32) / 255), own
