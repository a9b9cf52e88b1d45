"""Compositions: scenes with another background, with a second person, or without people.

The alpha of a composite is exact even if the source mask was not, because the composite is made
with it. Scenes without people teach the network not to find a person in every image.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import cv2
import numpy as np

from tfmatting.config import Size
from tfmatting.datasets.augmentation.gatherings import (
    ALONE,
    Gathering,
    gather,
    put_behind,
    scene_size,
)
from tfmatting.datasets.synthesis import draw_background
from tfmatting.imaging.compositing import blend
from tfmatting.imaging.foreground import estimate_foreground
from tfmatting.imaging.resize import resize

Pair = tuple[np.ndarray, np.ndarray]
"""An image uint8 [H, W, 3] and its alpha uint8 [H, W]."""
Item = TypeVar("Item", covariant=True)


class Pool(Protocol[Item]):
    """A sequence to draw from: a list, or a cache that loads items on demand."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Item: ...


@dataclass(frozen=True)
class Composition:
    """How often, and how, a sample becomes another scene. `AS_TAKEN` turns it off.

    Attributes:
        replace: probability of another background.
        companion: probability of a second person behind the first, if the background is
            replaced.
        empty: probability of a scene without people.
        smallest: smallest scale of a composed person.
        harmony: largest strength of the colour transfer from background to person; see
            `harmonize`.
        drawn: probability of a drawn background instead of a photo.
        softness: largest sigma of the blur of a person's alpha, as a fraction of the longer side.
            Half of the composed people are blurred, because edges in photos are softer than
            hand-made masks.
        careless: probability that a person is cut out with a mask that is too wide, by up to
            `RIM` of the longer side, and keeps a rim of the old background.
        distractor: probability that a scene without people shows the outline of a person, filled
            with another scene.
        gathering: several people in scenes of other proportions, and things beside them.
    """

    replace: float = 0.3
    companion: float = 0.2
    empty: float = 0.08
    smallest: float = 0.4
    harmony: float = 0.6
    drawn: float = 0.1
    softness: float = 0.0
    careless: float = 0.0
    distractor: float = 0.0
    gathering: Gathering = ALONE

    def scaled(self, part: float) -> Composition:
        """Multiply the probability of another background. Empty scenes stay as frequent."""
        return replace(self, replace=self.replace * part)


RIM = 0.008
"""Largest width of the rim of old background, as a fraction of the longer side."""
AS_TAKEN = Composition(0, 0, 0, 1, 0, 0)


def compose(
    pair: Pair,
    others: Pool[Pair],
    backgrounds: Pool[np.ndarray],
    settings: Composition,
    generator: np.random.Generator,
    things: Pool[Pair] = (),
) -> Pair:
    """Turn a sample into another scene, of the same size unless people gather.

    Args:
        pair: the sample.
        others: samples that provide companions and crops without people.
        backgrounds: images without people, uint8 [H, W, 3]; may be empty.
        settings: probabilities.
        generator: the only source of randomness.
        things: objects that stand beside people: image and alpha of each; may be empty.

    Returns:
        A new pair, or `pair` itself.
    """
    size = pair[0].shape[:2]
    chance = generator.random()
    if chance < settings.empty:
        scene = _scene(size, others, backgrounds, settings, generator)
        if generator.random() < settings.distractor:
            filling = _scene(size, others, backgrounds, settings, generator)
            scene, _ = _place(scene, filling, resize(pair[1], size), settings, generator)
        return scene, np.zeros(size, np.uint8)
    gathering = settings.gathering
    if chance >= settings.empty + settings.replace:
        if chance < settings.empty + settings.replace + gathering.probability:
            return _gathered(pair, others, backgrounds, things, settings, generator)
        if gathering.beside_as_taken and generator.random() < gathering.beside_as_taken:
            return put_behind(pair, things, generator)
        return pair
    scene = _scene(size, others, backgrounds, settings, generator)
    alpha = np.zeros(size, np.uint8)
    people = [pair]
    if generator.random() < settings.companion:
        people.insert(0, others[int(generator.integers(len(others)))])
    for person in people:
        scene, alpha = _add_person(scene, alpha, person, settings, generator)
    return scene, alpha


def _add_person(
    scene: np.ndarray,
    alpha: np.ndarray,
    person: Pair,
    settings: Composition,
    generator: np.random.Generator,
) -> Pair:
    """Composite a person over a scene, at the image border that cuts the person off."""
    size = scene.shape[:2]
    person = resize(person[0], size), resize(person[1], size)
    foreground, own = _cut_out(person, scene, settings, generator)
    scene, own = _place(scene, foreground, own, settings, generator)
    union = 255 - (255 - alpha.astype(np.uint16)) * (255 - own) // 255
    return scene, union.astype(np.uint8)


def _gathered(
    pair: Pair,
    others: Pool[Pair],
    backgrounds: Pool[np.ndarray],
    things: Pool[Pair],
    settings: Composition,
    generator: np.random.Generator,
) -> Pair:
    """Several people, the sample's in front, in a scene of drawn proportions."""
    gathering = settings.gathering
    size = scene_size(max(pair[0].shape[:2]), gathering, generator)
    scene = _scene(size, others, backgrounds, settings, generator)
    # one is as frequent as all other numbers together
    number = 0 if generator.random() < 0.5 else int(generator.integers(1, gathering.most))
    chosen = [others[int(generator.integers(len(others)))] for _ in range(number)]
    people = [_cut_out(person, scene, settings, generator) for person in (*chosen, pair)]
    return gather(scene, people, things, gathering, generator)


def _cut_out(
    person: Pair, scene: np.ndarray, settings: Composition, generator: np.random.Generator
) -> Pair:
    """A person's colours without the old background, near those of the new scene."""
    image, own = person
    if generator.random() < settings.careless:
        rim = round(max(own.shape) * generator.uniform(0, RIM))
        own = cv2.dilate(own, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * rim + 1,) * 2))
        foreground = image
    else:
        # The outermost pixels of a mask often contain some of the old background.
        inner = cv2.erode(own, np.ones((3, 3), np.uint8))
        foreground = estimate_foreground(image, inner.astype(np.float32) / 255)
    return harmonize(foreground, own, scene, generator.uniform(0, settings.harmony)), own


def _place(
    scene: np.ndarray,
    foreground: np.ndarray,
    own: np.ndarray,
    settings: Composition,
    generator: np.random.Generator,
) -> Pair:
    """Composite a cut-out over a scene; return the scene and the alpha of the placed cut-out."""
    size = scene.shape[:2]
    matrix = _placement(own, settings.smallest, generator)
    if settings.softness and generator.random() < 0.5:
        deviation = max(size) * generator.uniform(0, settings.softness)
        own = cv2.GaussianBlur(own, (0, 0), max(deviation, 0.1))
    target = (size[1], size[0])
    foreground = cv2.warpAffine(foreground, matrix, target, borderMode=cv2.BORDER_REPLICATE)
    own = cv2.warpAffine(own, matrix, target)
    return blend(foreground, scene, own.astype(np.float32) / 255), own


def _placement(alpha: np.ndarray, smallest: float, generator: np.random.Generator) -> np.ndarray:
    """Draw scale and position of a person. A person cut off by a side stays at that side."""
    height, width = alpha.shape
    scale = np.exp(generator.uniform(np.log(smallest), 0))
    cut_left, cut_right = (bool(alpha[:, side].max() > 127) for side in (0, -1))
    if cut_left and cut_right:
        scale = 1.0
    free = width * (1 - scale)
    if cut_left:
        x = 0.0
    elif cut_right:
        x = free
    else:
        x = generator.uniform(0, free) if free else 0.0
    # A head that is cut off stays at the top; anybody else stands at the bottom.
    y = 0.0 if alpha[0].max() > 127 else height * (1 - scale)
    return np.array([[scale, 0, x], [0, scale, y]])


def harmonize(
    foreground: np.ndarray, alpha: np.ndarray, scene: np.ndarray, strength: float
) -> np.ndarray:
    """Transfer the colour statistics of a scene to a foreground.

    Args:
        foreground: uint8 [H, W, 3].
        alpha: uint8 [H, W] of the foreground.
        scene: uint8 [H, W, 3].
        strength: 0 keeps the colours; 1 takes the mean and the spread of the scene.

    Returns:
        uint8 [H, W, 3].

    Source: Reinhard et al., "Color Transfer between Images", IEEE CG&A 2001, in Lab.
    """
    own = cv2.cvtColor(foreground, cv2.COLOR_RGB2LAB).astype(np.float32)
    other = cv2.cvtColor(scene, cv2.COLOR_RGB2LAB)
    mean, spread = (v[:, 0] for v in cv2.meanStdDev(own, mask=(alpha > 127).astype(np.uint8)))
    scene_mean, scene_spread = (v[:, 0] for v in cv2.meanStdDev(other))
    gain = 1 + strength * (np.clip(scene_spread / np.maximum(spread, 1), 0.6, 1.6) - 1)
    moved = (own - mean) * gain + mean + strength * (scene_mean - mean)
    moved = np.clip(moved, 0, 255).astype(np.uint8)
    return cv2.cvtColor(moved, cv2.COLOR_LAB2RGB)


def _scene(
    size: Size,
    others: Pool[Pair],
    backgrounds: Pool[np.ndarray],
    settings: Composition,
    generator: np.random.Generator,
) -> np.ndarray:
    """Choose a scene without people: a background, a drawing, or a crop of another portrait."""
    if generator.random() < settings.drawn:
        return draw_background(size, generator)
    if not len(backgrounds) or generator.random() < 0.4:
        window = _free_window(others, generator)
        if window is not None:
            return resize(window, size)
    if not len(backgrounds):
        return draw_background(size, generator)
    picture = backgrounds[int(generator.integers(len(backgrounds)))]
    part = generator.uniform(0.4, 1.0, 2)
    picture = _window(picture, part, generator.random(2))
    if generator.random() < 0.5:
        picture = picture[:, ::-1]
    picture = resize(np.ascontiguousarray(picture), size)
    if generator.random() < 0.3:  # shallow depth of field
        picture = cv2.GaussianBlur(picture, (0, 0), generator.uniform(1, max(size) / 60))
    return picture


def _free_window(others: Pool[Pair], generator: np.random.Generator) -> np.ndarray | None:
    for _ in range(6):
        image, alpha = others[int(generator.integers(len(others)))]
        part, place = generator.uniform(0.3, 0.7, 2), generator.random(2)
        if not _window(alpha, part, place).any():
            return _window(image, part, place)
    return None


def _window(picture: np.ndarray, part: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Crop a fraction `part` of both sides, at a relative position `place` in 0..1."""
    sides = [max(8, int(side * share)) for side, share in zip(picture.shape[:2], part, strict=True)]
    y, x = (
        int(where * max(0, whole - side))
        for where, whole, side in zip(place, picture.shape[:2], sides, strict=True)
    )
    return picture[y : y + sides[0], x : x + sides[1]]
