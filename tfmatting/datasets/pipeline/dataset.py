"""The tf.data dataset.

Pixels stay uint8 until they are batched. Every element carries its epoch and index, from which
all randomness follows. The batches are the same for any number of threads, and a resumed run
continues with the batches that it would have seen.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfmatting.datasets.backgrounds import BackgroundCache, ThingCache
from tfmatting.datasets.pipeline.cache import DecodedCache
from tfmatting.datasets.pipeline.calls import StoppableCalls, without_autotuner
from tfmatting.datasets.pipeline.example import ExampleMaker
from tfmatting.datasets.pipeline.settings import PipelineSettings
from tfmatting.datasets.pipeline.share import WHOLE
from tfmatting.datasets.pipeline.truths import inputs_and_truths
from tfmatting.datasets.sample import SampleSource
from tfmatting.errors import InputError
from tfmatting.tensorflow_setup import import_tensorflow


def make_dataset(
    sources: Sequence[SampleSource],
    settings: PipelineSettings,
    *,
    backgrounds: Sequence[Path] = (),
    first_epoch: int = 0,
    epochs: int | None = None,
    calls: StoppableCalls | None = None,
):
    """Build the dataset.

    Args:
        sources: the samples.
        settings: sizes, augmentation, seed, and the share of the batches that is read here. A
            share of samples that are not shuffled is read once.
        backgrounds: images without people, for compositions.
        first_epoch: the epoch to start with; a resumed run gives its own.
        epochs: number of epochs; endless if None.
        calls: stopped before an iterator is let go of that has not reached the end. Without it
            that may hang.

    Returns:
        A `tf.data.Dataset` of `(inputs, truths)`. Inputs: `image` uint8 [B, h, w, 3], and with a
        prior `prior_alpha` float32 [B, h, w, 1] in [0, 1]. Truths, all float32: `alpha`
        [B, h, w, 1] in [0, 1]; `trimap`, one-hot [B, h, w, 3]; `classes` [B, h, w, C], one-hot,
        or with a single class the mask of the person; `scene` [B, h, w, 5]: alpha, the unknown
        band, and the image in [-1, 1]. There are alpha and those that `settings.truths` names.
        Where no class is stated, the first channel of each is `IGNORED_TRUTH`. A shuffled dataset
        drops the incomplete batch of an epoch. Others keep it.

    Raises:
        InputError: no samples, or with `shuffle` fewer than one batch.
    """
    tf = import_tensorflow()
    count = len(sources)
    if count == 0 or (settings.shuffle and count < settings.batch_size):
        raise InputError(
            f"Training needs at least one batch of {settings.batch_size} samples. Received: "
            f"{count}. Add samples, or lower --batch-size."
        )
    height, width = settings.input_size
    make = example_maker(sources, settings, backgrounds)

    def order(epoch):
        indices = tf.range(count, dtype=tf.int64)
        if settings.shuffle:
            indices = tf.random.experimental.stateless_shuffle(
                indices, seed=tf.stack([tf.cast(settings.seed, tf.int64), epoch])
            )
            indices = indices[: count // settings.batch_size * settings.batch_size]
        indices = settings.share.of_order(indices, settings.batch_size)
        epochs_column = tf.fill(tf.shape(indices), epoch)
        return tf.data.Dataset.from_tensor_slices((epochs_column, indices))

    depths = (3, 1, 1, 1) if settings.prior is None else (3, 1, 1, 1, 1)

    def blank():
        return tuple(np.zeros((height, width, channels), np.uint8) for channels in depths)

    make_or_stop = calls.wrap(make, instead=blank) if calls else make

    def make_in_graph(epoch, index):
        tensors = tf.numpy_function(make_or_stop, [epoch, index], [tf.uint8] * len(depths))
        for tensor, channels in zip(tensors, depths, strict=True):
            tensor.set_shape((height, width, channels))
        return tuple(tensors)

    def finish(*batch):
        return inputs_and_truths(settings, *batch)

    def batched(samples, size):
        examples = samples.map(make_in_graph, tf.data.AUTOTUNE, deterministic=True)
        return examples.batch(size).map(finish, tf.data.AUTOTUNE, deterministic=True)

    share, batch_size = settings.share, settings.batch_size
    if settings.shuffle or share == WHOLE:
        end = 2**40 if epochs is None else first_epoch + epochs
        passes = tf.data.Dataset.range(first_epoch, end)
        dataset = batched(passes.flat_map(order), share.piece(batch_size))
    else:  # once
        slices = tf.data.Dataset.from_tensor_slices
        parts = [
            batched(slices((np.full_like(places, first_epoch), places)), size)
            for places, size in share.of_evaluation(count, batch_size)
        ]
        dataset = functools.reduce(lambda one, other: one.concatenate(other), parts)
    dataset = without_autotuner(dataset.prefetch(tf.data.AUTOTUNE))
    if epochs is None:  # workers need not ask each other whether there is another batch
        batches = tf.data.INFINITE_CARDINALITY
    elif share != WHOLE:
        return dataset
    elif settings.shuffle:
        batches = epochs * steps_per_epoch(count, batch_size)
    else:
        batches = math.ceil(epochs * count / batch_size)
    # Keras averages the loss over one batch too few if the cardinality is unknown.
    return dataset.apply(tf.data.experimental.assert_cardinality(batches))


def example_maker(
    sources: Sequence[SampleSource], settings: PipelineSettings, backgrounds: Sequence[Path]
) -> ExampleMaker:
    """What makes a dataset's examples, with caches of the samples and the backgrounds."""
    longest = round(max(settings.input_size) * settings.cache_margin * 1.5)
    return ExampleMaker(
        DecodedCache(sources, settings),
        BackgroundCache(backgrounds, longest),
        settings,
        ThingCache(backgrounds, longest),
    )


def steps_per_epoch(count: int, batch_size: int) -> int:
    """Return the number of whole batches in an epoch of a shuffled dataset."""
    return count // batch_size
