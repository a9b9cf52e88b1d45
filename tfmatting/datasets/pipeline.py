"""The tf.data pipeline: sources in, batches for `model.fit` out.

Pixels stay uint8 until they are batched. Every element carries its epoch and index, and all
chance is drawn from (seed, epoch, index): the same batches come in the same order whatever
the number of threads, and a resumed run continues with the batches it would have seen.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tfmatting.config import Size
from tfmatting.datasets.augmentation import NONE, Augmentation, augment, resize_pair
from tfmatting.datasets.backgrounds import BackgroundCache, ThingCache
from tfmatting.datasets.composition import AS_TAKEN, Composition, Pair, Pool, compose
from tfmatting.datasets.prior import Prior, as_prior, earlier_alpha
from tfmatting.datasets.sample import SampleSource
from tfmatting.imaging.resize import resize
from tfmatting.imaging.trimap import UNKNOWN_CLASS, to_classes, trimap_from_alpha
from tfmatting.tensorflow_setup import import_tensorflow


@dataclass(frozen=True)
class PipelineSettings:
    """How samples become batches.

    Attributes:
        input_size: (height, width) the model takes.
        batch_size: samples a batch.
        augmentation: variations; `NONE` for validation.
        composition: other scenes made of the samples; `AS_TAKEN` for validation.
        variation: how far samples as taken are varied, as part of `augmentation`; composed scenes
            always are in full.
        classes: of the mask: 1 or 2 for person or not, more for maps of class numbers.
        person_class: of these maps, the class that alpha shows.
        prior: how the previous frame's alpha is made; None for models that take none.
        shuffle: a new order each epoch.
        seed: of order and variations.
        cache_megabytes: decoded samples kept in memory, at most.
        cache_margin: samples are kept this much larger than `input_size`, for crops to cut from.
    """

    input_size: Size
    batch_size: int
    augmentation: Augmentation = NONE
    composition: Composition = AS_TAKEN
    variation: float = 1.0
    classes: int = 2
    person_class: int = 1
    prior: Prior | None = None
    shuffle: bool = False
    seed: int = 0
    cache_megabytes: int = 4096
    cache_margin: float = 1.35

    def __post_init__(self):
        if self.numbered and self.composition != AS_TAKEN:
            raise ValueError(
                f"Scenes are composed of people and not of {self.classes} classes. Set "
                "composition.replace and composition.empty to 0."
            )

    @property
    def numbered(self) -> bool:
        """Whether masks hold class numbers, which must not be interpolated."""
        return self.classes > 2


class DecodedCache:
    """Decoded pairs by index, at the size training needs, up to a limit of memory."""

    def __init__(self, sources: Sequence[SampleSource], settings: PipelineSettings):
        self._sources = sources
        margin = settings.cache_margin if settings.augmentation != NONE else 1.0
        height, width = settings.input_size
        self._largest = (int(np.ceil(height * margin)), int(np.ceil(width * margin)))
        self._labels = settings.numbered
        self._budget = settings.cache_megabytes * 2**20
        self._pairs: dict[int, Pair] = {}
        self._earlier: dict[int, np.ndarray] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._sources)

    def __getitem__(self, index: int) -> Pair:
        return self.with_earlier(index)[0]

    def with_earlier(self, index: int) -> tuple[Pair, np.ndarray | None]:
        """A pair, and the alpha of the frame before it where it follows one in a clip."""
        pair = self._pairs.get(index)
        if pair is not None:
            return pair, self._earlier.get(index)
        sample = self._sources[index].load()
        pair, earlier = (sample.image, sample.alpha), sample.earlier_alpha
        smaller = self._smaller(pair[1].shape)
        if smaller != pair[1].shape:
            pair = resize_pair(*pair, smaller, labels=self._labels)
            earlier = None if earlier is None else resize(earlier, smaller)
        kept = [*pair] if earlier is None else [*pair, earlier]
        size = sum(array.nbytes for array in kept)
        with self._lock:
            if self._budget >= size:
                self._budget -= size
                if earlier is not None:
                    self._earlier[index] = earlier
                self._pairs[index] = pair
        return pair, earlier

    def _smaller(self, size: Size) -> Size:
        """The smallest size of the same proportions that leaves neither side below the target's."""
        scale = max(side / whole for side, whole in zip(self._largest, size, strict=True))
        return size if scale >= 1 else (round(size[0] * scale), round(size[1] * scale))


def make_example(
    image: np.ndarray,
    alpha: np.ndarray,
    settings: PipelineSettings,
    generator: np.random.Generator,
    earlier: np.ndarray | None = None,
) -> tuple[np.ndarray, ...]:
    """Turn a decoded pair into what one training example holds.

    Args:
        earlier: uint8 [H, W], the alpha of the frame before, for settings with a prior.

    Returns:
        image uint8 [h, w, 3]; alpha, trimap classes and mask classes uint8 [h, w, 1]; with a
        prior, that too.
    """
    # what belongs together is varied together
    maps = alpha if earlier is None else np.dstack([alpha, earlier])
    image, maps = augment(
        image,
        maps,
        settings.input_size,
        settings.augmentation,
        generator,
        labels=settings.numbered,
    )
    alpha = maps if earlier is None else np.ascontiguousarray(maps[..., 0])
    if settings.numbered:
        labels = alpha
        alpha = np.where(labels == settings.person_class, 255, 0).astype(np.uint8)
    else:
        labels = (alpha >= 128).astype(np.uint8)
    narrow, wide = settings.augmentation.band
    width = int(generator.integers(narrow, wide + 1))
    trimap = to_classes(trimap_from_alpha(alpha, width))
    example = image, alpha[..., None], trimap[..., None], labels[..., None]
    if settings.prior is None or earlier is None:
        return example
    prior = as_prior(np.ascontiguousarray(maps[..., 1]), settings.prior, generator)
    return *example, prior[..., None]


def make_dataset(
    sources: Sequence[SampleSource],
    settings: PipelineSettings,
    *,
    backgrounds: Sequence[Path] = (),
    first_epoch: int = 0,
    epochs: int | None = None,
):
    """Build the dataset.

    Args:
        sources: the samples.
        settings: sizes, variations, seed.
        backgrounds: people-free pictures for the compositions.
        first_epoch: where a resumed run goes on.
        epochs: how many passes; endless when None.

    Returns:
        A `tf.data.Dataset` of `(inputs, truths)`. Inputs: `image` uint8 [B, h, w, 3], and with a
        prior `prior_alpha` float32 [B, h, w, 1] in [0, 1]. Truths, float32: `alpha` [B, h, w, 1] in
        [0, 1]; `trimap` one-hot [B, h, w, 3]; `classes` [B, h, w, C], one-hot, or with one class
        the person's; `scene` [B, h, w, 5]: alpha, unknown band and the image in [-1, 1]. Shuffled
        datasets drop an epoch's incomplete batch; others keep it.

    Raises:
        ValueError: no samples, or fewer than a batch when shuffling.
    """
    tf = import_tensorflow()
    count = len(sources)
    if count == 0 or (settings.shuffle and count < settings.batch_size):
        raise ValueError(
            f"Training needs at least one batch of {settings.batch_size} samples. Received: "
            f"{count}. Add samples, or lower --batch-size."
        )
    cache = DecodedCache(sources, settings)
    height, width = settings.input_size
    longest = round(max(height, width) * settings.cache_margin * 1.5)
    scenes = BackgroundCache(backgrounds, longest)
    things = ThingCache(backgrounds, longest)

    def order(epoch):
        indices = tf.range(count, dtype=tf.int64)
        if settings.shuffle:
            indices = tf.random.experimental.stateless_shuffle(
                indices, seed=tf.stack([tf.cast(settings.seed, tf.int64), epoch])
            )
            indices = indices[: count // settings.batch_size * settings.batch_size]
        epochs_column = tf.fill(tf.shape(indices), epoch)
        return tf.data.Dataset.from_tensor_slices((epochs_column, indices))

    calmer = replace(settings, augmentation=settings.augmentation.scaled(settings.variation))

    def load(epoch: np.int64, index: np.int64):
        generator = np.random.default_rng((settings.seed, int(epoch), int(index)))
        taken, earlier = cache.with_earlier(int(index))
        pair = taken
        if settings.composition != AS_TAKEN:
            pair = compose(taken, cache, scenes, settings.composition, generator, things)
            earlier = earlier if pair is taken else None
        varied = calmer if pair is taken else settings
        if settings.prior is not None and earlier is None:
            earlier = _earlier_of_still(pair[1], cache, settings.prior, generator)
        return make_example(*pair, varied, generator, earlier if settings.prior else None)

    def load_in_graph(epoch, index):
        depths = (3, 1, 1, 1) if settings.prior is None else (3, 1, 1, 1, 1)
        tensors = tf.numpy_function(load, [epoch, index], [tf.uint8] * len(depths))
        for tensor, channels in zip(tensors, depths, strict=True):
            tensor.set_shape((height, width, channels))
        return tuple(tensors)

    def finish(image, alpha, trimap, labels, *prior):
        if settings.classes == 1:
            classes = tf.cast(labels, tf.float32)
        else:
            classes = tf.one_hot(labels[..., 0], settings.classes)
        targets = {
            "alpha": tf.cast(alpha, tf.float32) / 255.0,
            "trimap": tf.one_hot(trimap[..., 0], 3),
            "classes": classes,
        }
        band = tf.cast(trimap == UNKNOWN_CLASS, tf.float32)
        pixels = tf.cast(image, tf.float32) / 127.5 - 1.0
        targets["scene"] = tf.concat([targets["alpha"], band, pixels], axis=-1)
        inputs = {"image": image}
        if prior:
            inputs["prior_alpha"] = tf.cast(prior[0], tf.float32) / 255.0
        return inputs, targets

    passes = tf.data.Dataset.range(first_epoch, 2**40 if epochs is None else first_epoch + epochs)
    dataset = (
        passes.flat_map(order)
        .map(load_in_graph, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .batch(settings.batch_size)
        .map(finish, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .prefetch(tf.data.AUTOTUNE)
    )
    if epochs is None:
        return dataset
    # without it Keras averages the loss over one batch too few
    batches = epochs * count // settings.batch_size
    if settings.shuffle:
        batches = epochs * steps_per_epoch(count, settings.batch_size)
    elif epochs * count % settings.batch_size:
        batches += 1
    return dataset.apply(tf.data.experimental.assert_cardinality(batches))


def _earlier_of_still(
    alpha: np.ndarray, pairs: Pool[Pair], settings: Prior, generator: np.random.Generator
) -> np.ndarray:
    """The frame before a still: moved a little, or with somebody who has left since."""
    if not alpha.any() and generator.random() < settings.leaving:
        alpha = resize(pairs[int(generator.integers(len(pairs)))][1], alpha.shape)
    return earlier_alpha(alpha, settings, generator)


def steps_per_epoch(count: int, batch_size: int) -> int:
    """Whole batches in an epoch of a shuffled dataset."""
    return count // batch_size
