"""A short fine-tuning that compresses a model, on its tf_keras copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
import tf_keras

from tfmatting.datasets.pipeline.calls import StoppableCalls
from tfmatting.datasets.pipeline.dataset import make_dataset, steps_per_epoch
from tfmatting.datasets.sample import SampleSource
from tfmatting.training.callbacks.recorder import write_history
from tfmatting.training.distillation import distillation_dataset
from tfmatting.training.progress import StageProgress
from tfmatting.training.stage_data import pipeline_settings, unvaried
from tfmatting.training.stages.compilation import alpha_iou, alpha_mad, weighted_sum
from tfmatting.training.stages.stage import Recipe, Stage

CLIP_NORM = 1.0


@dataclass(frozen=True)
class FineTuning:
    """A short fine-tuning that compresses a model.

    Attributes:
        recipe, stage: whose losses, augmentation and batches are used.
        train, validation: the samples.
        folder: where `history.csv` goes.
        epochs, learning_rate: of the fine-tuning; the rate falls as a cosine.
        seed: of order and augmentation.
        backgrounds: images without people for recipes that compose scenes.
        report: receives lines for the user.
    """

    recipe: Recipe
    stage: Stage
    train: Sequence[SampleSource]
    validation: Sequence[SampleSource]
    folder: Path
    epochs: int
    learning_rate: float
    report: Callable[[str], None]
    seed: int = 0
    backgrounds: Sequence[Path] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """The outputs that the copy has: those with losses, and alpha."""
        return tuple(dict.fromkeys((*self.stage.losses, "alpha")))


def fit_copy(
    copy: tf_keras.Model, model: keras.Model, tuning: FineTuning, callbacks: list[Any]
) -> None:
    """Train a tf_keras copy with the stage's losses; every epoch's figures go to `history.csv`."""
    outputs = tuning.outputs
    recipe = tuning.recipe.during(tuning.stage)
    steps = steps_per_epoch(len(tuning.train), recipe.batch_size)
    rate: Any = tf_keras.optimizers.schedules.CosineDecay(
        tuning.learning_rate, steps * tuning.epochs
    )
    terms = tuning.stage.losses
    losses = [weighted_sum(terms[name]) if name in terms else None for name in outputs]
    metrics = [[alpha_iou, alpha_mad] if name == "alpha" else [] for name in outputs]
    copy.compile(tf_keras.optimizers.Adam(rate, global_clipnorm=CLIP_NORM), losses, metrics=metrics)
    recipe = replace(recipe, model=model.matting_config)
    settings = pipeline_settings(recipe, tuning.stage, model, tuning.seed)
    still = unvaried(settings)

    def choose(inputs, truths):
        targets = tuple(truths[tuning.stage.target(name)] for name in outputs)
        return tf.cast(inputs["image"], tf.float32), targets

    calls = StoppableCalls()
    training = distillation_dataset(
        recipe.teacher, tuning.train, settings, backgrounds=tuning.backgrounds, calls=calls
    ).map(choose)
    validation = make_dataset(tuning.validation, still, epochs=1, calls=calls).map(choose)
    rows: list[dict[str, str]] = []

    def record(epoch, logs):
        rows.append({"epoch": str(epoch + 1), **{k: f"{v:.6g}" for k, v in logs.items()}})
        write_history(tuning.folder / "history.csv", rows)

    progress = StageProgress("fine-tuning", epochs=tuning.epochs, steps=steps, report=tuning.report)
    ours = [
        progress.callback(tf_keras.callbacks),
        tf_keras.callbacks.LambdaCallback(on_epoch_end=record),
        tf_keras.callbacks.LambdaCallback(on_train_end=lambda logs: calls.stop()),
    ]
    with progress, calls.stopped_on_error():
        copy.fit(
            training,
            epochs=tuning.epochs,
            steps_per_epoch=steps,
            validation_data=validation,
            callbacks=[*callbacks, *ours],
            verbose=0,  # type: ignore[arg-type]
        )
