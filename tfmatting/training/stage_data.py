"""The batches of a stage: augmented samples to learn from, plain ones to be judged by."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from tfmatting.datasets.augmentation.augment import NONE
from tfmatting.datasets.augmentation.composition import AS_TAKEN
from tfmatting.datasets.augmentation.prior import NO_PRIOR, PRIOR_ALPHA
from tfmatting.datasets.pipeline.calls import StoppableCalls
from tfmatting.datasets.pipeline.dataset import PipelineSettings, make_dataset
from tfmatting.datasets.pipeline.share import WHOLE, Share
from tfmatting.datasets.sample import SampleSource
from tfmatting.errors import InputError
from tfmatting.imaging.resize import resize
from tfmatting.training.distillation import distillation_dataset
from tfmatting.training.stage_run import StageRun
from tfmatting.training.stages.consistency import UnlabelledFrames
from tfmatting.training.stages.stage import Recipe, Stage, Teacher

GRID_SAMPLES = 8


def pipeline_settings(
    recipe: Recipe, stage: Stage, model: keras.Model, seed: int, share: Share = WHOLE
) -> PipelineSettings:
    """How a stage's training samples are read and augmented."""
    return PipelineSettings(
        recipe.model.input_size,
        recipe.batch_size,
        augmentation=recipe.augmentation,
        composition=recipe.composition,
        augmentation_strength=stage.augmentation_strength,
        classes=getattr(recipe.model, "classes", 2),
        person_class=getattr(recipe.model, "person_class", 1),
        letterbox=recipe.letterbox,
        resizing=recipe.resizing,
        given_trimaps=recipe.given_trimaps,
        prior=recipe.prior if PRIOR_ALPHA in model.input else None,
        shuffle=True,
        seed=seed,
        share=share,
        truths=tuple(sorted({stage.target(output) for output in model.output})),
    )


def labelled_batches(
    run: StageRun,
    recipe: Recipe,
    settings: PipelineSettings,
    model: keras.Model,
    first_epoch: int,
    calls: StoppableCalls,
) -> Any:
    """Endless augmented batches with the stage's targets; `calls` stops them."""
    batches = distillation_dataset(
        _teacher(run, recipe),
        run.train,
        settings,
        backgrounds=run.backgrounds,
        first_epoch=first_epoch,
        calls=calls,
    )
    return with_targets(batches, model, run.stage)


def _teacher(run: StageRun, recipe: Recipe) -> Teacher:
    """The recipe's teacher; or the network that the stage starts from, where that is to teach.

    Raises:
        InputError: that stage starts from nothing.
    """
    if not run.stage.start_teaches or recipe.teacher.checkpoint:
        return recipe.teacher
    if run.weights is None:
        raise InputError(
            f"Stage {run.stage.name} learns from the network that it starts from. Give --weights, "
            "or --set teacher.checkpoint=FILE.keras."
        )
    return dataclasses.replace(recipe.teacher, checkpoint=str(run.weights))


def unlabelled_frames(frames: Sequence[np.ndarray], model: keras.Model) -> UnlabelledFrames:
    """Frames at the model's size, with what the model says of them before the stage."""
    size = model.matting_config.input_size
    return UnlabelledFrames(model, [resize(frame, size) for frame in frames])


def validation_batches(
    samples: Sequence[SampleSource],
    settings: PipelineSettings,
    model: keras.Model,
    stage: Stage,
    calls: StoppableCalls | None = None,
) -> Any:
    """The validation samples, each once and not augmented, with the stage's targets."""
    batches = make_dataset(samples, unvaried(settings), epochs=1, calls=calls)
    return with_targets(batches, model, stage)


def unvaried(settings: PipelineSettings) -> PipelineSettings:
    """The same settings for samples as they are, in order."""
    return dataclasses.replace(
        settings,
        augmentation=NONE,
        composition=AS_TAKEN,
        prior=NO_PRIOR if settings.prior else None,
        shuffle=False,
    )


def grid_batch(run: StageRun, settings: PipelineSettings, model: keras.Model) -> Any:
    """The first validation samples as one batch, to be drawn after every epoch."""
    first = run.validation[:GRID_SAMPLES]
    settings = dataclasses.replace(settings, batch_size=GRID_SAMPLES, share=WHOLE)
    return next(iter(validation_batches(first, settings, model, run.stage)))


def with_targets(dataset, model: keras.Model, stage: Stage):
    """Give every output its own truth; Keras wants one even where no loss looks at it."""
    outputs = tuple(model.output)

    def choose(inputs, truths):
        return inputs, {output: truths[stage.target(output)] for output in outputs}

    return dataset.map(choose)
