"""A finished network as a second opinion on the truth: steadier than masks drawn by hand.

Source: Hinton et al., "Distilling the Knowledge in a Neural Network", NIPS 2014 workshop, with
alpha itself as the soft target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tfmatting.config import Size
from tfmatting.datasets.pipeline import PipelineSettings, make_dataset
from tfmatting.datasets.sample import SampleSource
from tfmatting.models import load_model
from tfmatting.training.stages import Teacher


def taught_dataset(
    teacher: Teacher, sources: Sequence[SampleSource], settings: PipelineSettings, **options: Any
) -> Any:
    """Batches of labelled samples, with the teacher's opinion where the recipe has one.

    Args:
        teacher: of the recipe.
        sources, settings, options: as of `make_dataset`; `settings` are the pupil's.
    """
    if not teacher.checkpoint:
        return make_dataset(sources, settings, **options)
    lessons = Lessons(teacher, settings.input_size)
    settings = replace(settings, input_size=lessons.input_size)
    return lessons.of(make_dataset(sources, settings, **options))


class Lessons:
    """Batches at the teacher's size, turned into batches for the pupil.

    Args:
        teacher: whose checkpoint is read.
        pupil_size: (height, width) of the network that learns.

    Raises:
        FileNotFoundError, ValueError: no such checkpoint, or one that takes more than a photo.
    """

    def __init__(self, teacher: Teacher, pupil_size: Size):
        self._network = load_model(Path(teacher.checkpoint))
        if set(self._network.input) != {"image"}:
            raise ValueError(
                f"A teacher takes a photo and nothing else. Received: {teacher.checkpoint}, which "
                f"takes {', '.join(self._network.input)}."
            )
        self._share = teacher.share
        self._pupil_size = pupil_size

    @property
    def input_size(self) -> Size:
        """What size the samples must have: the teacher sees all that it can make use of."""
        return self._network.matting_config.input_size

    def of(self, dataset: Any) -> Any:
        """Mix the teacher's alpha into the truth's, and shrink all to the pupil's size.

        Args:
            dataset: `tf.data.Dataset` of `({"image"}, truths)` at `input_size`, as from
                `make_dataset`.
        """
        import tensorflow as tf

        def small(maps):
            return tf.image.resize(tf.cast(maps, tf.float32), self._pupil_size, "area")

        def mix(inputs, truths):
            image = tf.cast(inputs["image"], tf.float32)
            said = self._network({"image": image}, training=False)["alpha"]
            alpha = (1 - self._share) * truths["alpha"] + self._share * said
            truths = {name: small(maps) for name, maps in {**truths, "alpha": alpha}.items()}
            return {name: small(maps) for name, maps in inputs.items()}, truths

        return dataset.map(mix, num_parallel_calls=2, deterministic=True)
