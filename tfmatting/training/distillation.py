"""Distillation: a finished network whose alpha is mixed into the hand-drawn masks.

Source: Hinton et al., "Distilling the Knowledge in a Neural Network", NIPS 2014 workshop, with
alpha itself as the soft target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tfmatting.datasets.pipeline.dataset import PipelineSettings, make_dataset
from tfmatting.datasets.sample import SampleSource
from tfmatting.errors import InputError
from tfmatting.imaging.class_maps import IGNORED_TRUTH
from tfmatting.losses.ignored import ignored_pixels
from tfmatting.models import load_model
from tfmatting.training.stages.stage import Teacher

LEAST_IGNORED = 1e-3
"""Share without a stated truth that makes a smaller pixel one without; above 0, for rounding."""


def distillation_dataset(
    teacher: Teacher, sources: Sequence[SampleSource], settings: PipelineSettings, **options: Any
) -> Any:
    """Batches of labelled samples, with the teacher's alpha mixed in where the recipe has one.

    The samples are made at the teacher's size, so that it sees all that it can make use of, and
    shrunk to the pupil's afterwards.

    Args:
        teacher: of the recipe.
        sources, settings, options: as of `make_dataset`; `settings` are the pupil's.

    Raises:
        MissingFileError, InputError: no such checkpoint, or one that takes more than a photo.
    """
    if not teacher.checkpoint:
        return make_dataset(sources, settings, **options)
    import tensorflow as tf

    network = load_model(Path(teacher.checkpoint))
    if set(network.input) != {"image"}:
        raise InputError(
            f"A teacher takes a photo and nothing else. Received: {teacher.checkpoint}, which "
            f"takes {', '.join(network.input)}."
        )

    def small(maps):
        return tf.image.resize(tf.cast(maps, tf.float32), settings.input_size, "area")

    def small_truth(maps):
        ignored = ignored_pixels(maps)
        stated = small(tf.where(ignored, tf.zeros_like(maps), maps))
        return tf.where(small(ignored) > LEAST_IGNORED, IGNORED_TRUTH, stated)

    def mix(inputs, truths):
        image = tf.cast(inputs["image"], tf.float32)
        said = network({"image": image}, training=False)["alpha"]
        alpha = (1 - teacher.share) * truths["alpha"] + teacher.share * said
        alpha = tf.where(ignored_pixels(truths["alpha"]), IGNORED_TRUTH, alpha)
        mixed = {**truths, "alpha": alpha}
        if "scene" in truths:
            mixed["scene"] = tf.concat([alpha, truths["scene"][..., 1:]], axis=-1)
        truths = {name: small_truth(maps) for name, maps in mixed.items()}
        return {name: small(maps) for name, maps in inputs.items()}, truths

    large = replace(settings, input_size=network.matting_config.input_size)
    dataset = make_dataset(sources, large, **options)
    return dataset.map(mix, num_parallel_calls=2, deterministic=True)
