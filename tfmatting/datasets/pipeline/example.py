"""One training example: composition, augmentation, and the maps that losses need."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tfmatting.datasets.augmentation.augment import augment
from tfmatting.datasets.augmentation.composition import AS_TAKEN, Pair, Pool, compose
from tfmatting.datasets.augmentation.prior import Prior, as_prior, earlier_alpha
from tfmatting.datasets.pipeline.cache import NOT_MARKED, DecodedCache
from tfmatting.datasets.pipeline.settings import PipelineSettings
from tfmatting.imaging.class_maps import IGNORED
from tfmatting.imaging.resize import LETTERBOX_GREY, letterbox, resize
from tfmatting.imaging.trimap import to_classes, trimap_from_alpha


class ExampleMaker:
    """Makes the training example for an epoch and an index.

    All randomness is drawn from (seed, epoch, index). An example is the same in whatever order
    and on whatever thread it is made.

    Args:
        samples: the decoded samples.
        backgrounds: images without people, for compositions; may be empty.
        settings: of the pipeline.
        things: objects that stand beside people in compositions.
    """

    def __init__(
        self,
        samples: DecodedCache,
        backgrounds: Pool[np.ndarray],
        settings: PipelineSettings,
        things: Pool[Pair] = (),
    ):
        self._samples = samples
        self._backgrounds = backgrounds
        self._things = things
        self._settings = settings
        weaker = settings.augmentation.scaled(settings.augmentation_strength)
        self._settings_of_originals = replace(settings, augmentation=weaker)

    def __call__(self, epoch: int, index: int) -> tuple[np.ndarray, ...]:
        """Make an example; see `make_example` for what it holds."""
        settings = self._settings
        generator = np.random.default_rng((settings.seed, int(epoch), int(index)))
        decoded = self._samples.decoded(int(index))
        original, earlier, marks = decoded.pair, decoded.earlier, decoded.marks
        pair = original
        if settings.composition != AS_TAKEN:
            pair = compose(
                original,
                self._samples,
                self._backgrounds,
                settings.composition,
                generator,
                self._things,
            )
            if pair is not original:
                earlier = marks = None
        if settings.prior is None:
            earlier = None
        elif earlier is None:
            earlier = _earlier_alpha_of_still(pair[1], self._samples, settings.prior, generator)
        in_full = settings.augmentation.nobody_in_full and not pair[1].any()
        used = settings if in_full or pair is not original else self._settings_of_originals
        return make_example(*pair, used, generator, earlier, marks)


def make_example(
    image: np.ndarray,
    alpha: np.ndarray,
    settings: PipelineSettings,
    generator: np.random.Generator,
    earlier: np.ndarray | None = None,
    marks: np.ndarray | None = None,
) -> tuple[np.ndarray, ...]:
    """Augment a decoded pair and derive the other maps.

    Args:
        image: uint8 [H, W, 3].
        alpha: uint8 [H, W], or class indices.
        settings: of the pipeline.
        generator: the only source of randomness.
        earlier: uint8 [H, W], the alpha of the previous frame, for settings with a prior.
        marks: uint8 [H, W], see `Decoded`.

    Returns:
        The image, uint8 [h, w, 3]; alpha, the trimap's classes and the mask's classes, each
        uint8 [h, w, 1], the classes `IGNORED` where none is stated; and with `earlier`, the prior
        alpha, uint8 [h, w, 1].
    """
    # All maps go through the same geometry.
    stack = [layer for layer in (alpha, earlier, marks) if layer is not None]
    maps = alpha if len(stack) == 1 else np.dstack(stack)
    if settings.letterbox:
        image = letterbox(image, settings.input_size, LETTERBOX_GREY)
        maps = letterbox(maps, settings.input_size, 0)
    image, maps = augment(
        image,
        maps,
        settings.input_size,
        settings.augmentation,
        generator,
        labels=settings.multiclass,
        marks=marks is not None,
        resizing=settings.resizing,
    )
    alpha = maps if len(stack) == 1 else np.ascontiguousarray(maps[..., 0])
    if settings.multiclass:
        labels = alpha
        alpha = np.where(labels == settings.person_class, 255, 0).astype(np.uint8)
    else:
        labels = (alpha >= 128).astype(np.uint8)
    narrow, wide = settings.augmentation.band
    width = int(generator.integers(narrow, wide + 1))
    trimap = to_classes(trimap_from_alpha(alpha, width))
    if marks is not None:
        marks = maps[..., -1]
        trimap = np.where(marks < NOT_MARKED, marks, trimap)
        labels[marks == IGNORED] = IGNORED
    trimap[labels == IGNORED] = IGNORED
    example = image, alpha[..., None], trimap[..., None], labels[..., None]
    if settings.prior is None or earlier is None:
        return example
    prior = as_prior(np.ascontiguousarray(maps[..., 1]), settings.prior, generator)
    return *example, prior[..., None]


def _earlier_alpha_of_still(
    alpha: np.ndarray, pairs: Pool[Pair], settings: Prior, generator: np.random.Generator
) -> np.ndarray:
    """Simulate the previous frame of a still: small motion, or a person who has just left."""
    if not alpha.any() and generator.random() < settings.leaving:
        alpha = resize(pairs[int(generator.integers(len(pairs)))][1], alpha.shape)
    return earlier_alpha(alpha, settings, generator)
