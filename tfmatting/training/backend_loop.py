"""A stage trained on any of Keras' backends, such as JAX on a machine without TensorFlow.

`trainer.run_stage` is the one for TensorFlow: it resumes, stops at any moment and draws. This loop
has the same examples, losses, schedule and freezing, and leaves the rest out.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfmatting.datasets.backgrounds import BackgroundCache, ThingCache
from tfmatting.datasets.pipeline.cache import DecodedCache
from tfmatting.datasets.pipeline.example import ExampleMaker
from tfmatting.datasets.pipeline.settings import PipelineSettings
from tfmatting.datasets.pipeline.truths import inputs_and_truths
from tfmatting.datasets.sample import SampleSource
from tfmatting.errors import InputError
from tfmatting.models import save_model
from tfmatting.models.checkpoints import BEST
from tfmatting.training.callbacks.recorder import StopOnBadLoss, signed
from tfmatting.training.initialization import stage_model
from tfmatting.training.records import best_checkpoint
from tfmatting.training.stage_data import pipeline_settings, unvaried
from tfmatting.training.stage_run import StageRun
from tfmatting.training.stages.compilation import compile_stage


class Batches(keras.utils.PyDataset):
    """The batches of an epoch, made by threads; what `make_dataset` is for TensorFlow.

    Args:
        sources: the samples.
        settings: of the pipeline.
        targets: output of the model -> the name of its truth.
        backgrounds: images without people, for compositions.
        workers: threads that make batches.
    """

    def __init__(
        self,
        sources: Sequence[SampleSource],
        settings: PipelineSettings,
        targets: dict[str, str],
        *,
        backgrounds: Sequence[Path] = (),
        workers: int = 1,
    ):
        super().__init__(workers=workers, max_queue_size=2 * workers)
        longest = round(max(settings.input_size) * settings.cache_margin * 1.5)
        self._make = ExampleMaker(
            DecodedCache(sources, settings),
            BackgroundCache(backgrounds, longest),
            settings,
            ThingCache(backgrounds, longest),
        )
        self._settings, self._targets = settings, targets
        self._count, self._epoch = len(sources), 0
        self._order = self._ordered()

    def __len__(self) -> int:
        batches = self._count / self._settings.batch_size
        return math.floor(batches) if self._settings.shuffle else math.ceil(batches)

    def __getitem__(self, index: int) -> tuple[dict[str, Any], dict[str, Any]]:
        size = self._settings.batch_size
        places = self._order[index * size : (index + 1) * size]
        maps = zip(*(self._make(self._epoch, place) for place in places), strict=True)
        batch = [np.stack(one) for one in maps]
        inputs, truths = inputs_and_truths(self._settings.classes, *batch)
        return inputs, {output: truths[name] for output, name in self._targets.items()}

    def on_epoch_end(self) -> None:
        """Turn to the next epoch's examples, in another order."""
        self._epoch += 1
        self._order = self._ordered()

    def _ordered(self) -> np.ndarray:
        if not self._settings.shuffle:
            return np.arange(self._count)
        return np.random.default_rng((self._settings.seed, self._epoch)).permutation(self._count)


def train_stage(run: StageRun, report: Callable[[str], None], *, workers: int = 1) -> Path:
    """Train one stage from its start to its end.

    Args:
        run: what to train, on what, where. It is not resumed.
        report: receives a line an epoch.
        workers: threads that make batches.

    Returns:
        The checkpoint of the best validation, of averaged weights where the recipe averages.

    Raises:
        InputError: weights that do not fit, or a stage that leaves nothing to learn.
    """
    keras.utils.set_random_seed(run.seed)
    stage, recipe = run.stage, run.recipe.during(run.stage)
    model = stage_model(recipe, stage, run.weights, report)
    recipe = dataclasses.replace(recipe, model=model.matting_config)
    settings = pipeline_settings(recipe, stage, model, run.seed)
    targets = {output: stage.target(output) for output in model.output_names}
    training = Batches(run.train, settings, targets, backgrounds=run.backgrounds, workers=workers)
    validation = Batches(run.validation, unvaried(settings), targets, workers=workers)
    compile_stage(model, stage, max(len(training), 1), recipe.average_decay)
    run.folder.mkdir(parents=True, exist_ok=True)
    callbacks: list[keras.callbacks.Callback] = [StopOnBadLoss(), KeepBest(run, report)]
    if recipe.average_decay:  # swaps back after `KeepBest`: callbacks take turns in this order
        callbacks.append(keras.callbacks.SwapEMAWeights())
    report(
        f"{recipe.model_name} / {stage.name}: {run.sample_count} training and "
        f"{len(run.validation)} validation samples, {len(training)} steps an epoch, "
        f"{stage.epochs} epochs, on {keras.backend.backend()}"
    )
    model.fit(
        training,
        validation_data=validation,
        epochs=stage.epochs,
        callbacks=callbacks,
        verbose=0,  # type: ignore[arg-type]
    )
    return best_checkpoint(run.folder)


class KeepBest(keras.callbacks.Callback):
    """Write `best.keras` after a validation that is the best so far, and a line of each.

    Raises:
        InputError: the validation has no figure of the stage's monitor.
    """

    def __init__(self, run: StageRun, report: Callable[[str], None]):
        super().__init__()
        self._run, self._report = run, report
        self._epoch, self._best = 0, math.inf

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch + 1

    def on_test_end(self, logs=None):
        figures = {f"val_{name}": float(value) for name, value in (logs or {}).items()}
        stage, monitor = self._run.stage, self._run.stage.monitor
        self._report(
            f"epoch {self._epoch} of {stage.epochs}: "
            + ", ".join(f"{name} {value:.4f}" for name, value in sorted(figures.items()))
        )
        if monitor not in figures:
            raise InputError(
                f"A stage's monitor is a figure of its validation: {', '.join(sorted(figures))}. "
                f"Received: {monitor!r}."
            )
        value = signed(monitor, figures[monitor])
        if value < self._best:
            self._best = value
            facts = {"epoch": self._epoch, "stage": stage.name}
            save_model(self.model, self._run.folder / BEST, **facts)
