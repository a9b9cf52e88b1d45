"""A stage trained on any of Keras' backends, such as JAX on a machine without TensorFlow.

`trainer.run_stage` is the one for TensorFlow: it resumes, stops at any moment and draws. This loop
has the same examples, losses, schedule and freezing, and leaves the rest out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfmatting.datasets.pipeline.dataset import example_maker, steps_per_epoch
from tfmatting.datasets.pipeline.settings import PipelineSettings
from tfmatting.datasets.pipeline.truths import inputs_and_truths
from tfmatting.datasets.sample import SampleSource
from tfmatting.training.callbacks.recorder import RunRecorder, StopOnBadLoss
from tfmatting.training.initialization import stage_model
from tfmatting.training.progress import StageProgress
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
        self._make = example_maker(sources, settings, backgrounds)
        self._settings, self._targets = settings, targets
        self._count, self._epoch = len(sources), 0
        self._order = self._ordered()

    def __len__(self) -> int:
        whole = steps_per_epoch(self._count, self._settings.batch_size)
        partial = self._count % self._settings.batch_size > 0
        return whole + (partial and not self._settings.shuffle)

    def __getitem__(self, index: int) -> tuple[dict[str, Any], dict[str, Any]]:
        size = self._settings.batch_size
        places = self._order[index * size : (index + 1) * size]
        maps = zip(*(self._make(self._epoch, place) for place in places), strict=True)
        batch = [np.stack(one) for one in maps]
        inputs, truths = inputs_and_truths(self._settings, *batch)
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
        report: receives lines for the user.
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
    callbacks: list[keras.callbacks.Callback] = [StopOnBadLoss()]
    if recipe.average_decay:  # validates with the average, and leaves it in for the recorder
        callbacks.append(keras.callbacks.SwapEMAWeights(swap_on_epoch=True))
    callbacks.append(RunRecorder(run.folder, stage.name, [], stage.monitor))
    report(
        f"{recipe.model_name} / {stage.name}: {run.sample_count} training and "
        f"{len(run.validation)} validation samples, {len(training)} steps an epoch, "
        f"{stage.epochs} epochs, on {keras.backend.backend()}"
    )
    progress = StageProgress(
        stage.name, epochs=stage.epochs, steps=len(training), report=report, bar=False
    )
    with progress:
        model.fit(
            training,
            validation_data=validation,
            epochs=stage.epochs,
            callbacks=[*callbacks, progress.callback(keras.callbacks)],
            verbose=0,  # type: ignore[arg-type]
        )
    return best_checkpoint(run.folder)
