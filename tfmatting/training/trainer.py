"""Trains one stage: model, data, fit, checkpoints."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras

from tfmatting.datasets.pipeline.calls import StoppableCalls
from tfmatting.datasets.pipeline.dataset import steps_per_epoch
from tfmatting.training.callbacks.interruption import (
    interrupts_between_steps,
    stopped_at_the_end,
)
from tfmatting.training.callbacks.stage_callbacks import stage_callbacks
from tfmatting.training.initialization import stage_model
from tfmatting.training.progress import StageProgress, device
from tfmatting.training.records import best_checkpoint, restore, start_facts, write_config
from tfmatting.training.stage_data import (
    grid_batch,
    labelled_batches,
    pipeline_settings,
    unlabelled_frames,
    validation_batches,
)
from tfmatting.training.stage_run import StageRun
from tfmatting.training.stages.compilation import compile_stage


def run_stage(run: StageRun, report: Callable[[str], None]) -> Path:
    """Train one stage.

    Args:
        run: what to train, on what, where.
        report: receives lines for the user.

    Returns:
        The best checkpoint, `folder/best.keras`.

    Raises:
        InputError: nothing to resume, too few samples, or weights that do not fit.
        DivergenceError: the loss became NaN or infinite.
        WorkerLostError: another worker has gone.
    """
    keras.utils.set_random_seed(run.seed)
    with computing_in(run.recipe.precision), run.distribution.agreement.losing_workers():
        return _train(run, report)


def _train(run: StageRun, report: Callable[[str], None]) -> Path:
    stage, recipe, distribution = run.stage, run.recipe.during(run.stage), run.distribution
    distribution.check_batch(recipe.batch_size)
    distribution.agreement.check_equal(start_facts(run))

    with distribution.scope():
        model = stage_model(
            recipe, stage, run.weights, report, fill=not run.resume, distribution=distribution
        )
        # a checkpoint keeps its own form, whatever the recipe's is
        recipe = dataclasses.replace(recipe, model=model.matting_config)
        steps = steps_per_epoch(run.sample_count, recipe.batch_size)
        compile_stage(model, stage, max(steps, 1))
    distribution.prepare(model)
    frames = unlabelled_frames(run.frames, model) if stage.unlabelled else None
    done = restore(model, run.folder) if run.resume else 0
    if done >= stage.epochs:
        report(f"Stage {stage.name} already has its {stage.epochs} epochs.")
        return best_checkpoint(run.folder)

    settings = pipeline_settings(recipe, stage, model, run.seed, distribution.share)
    calls = StoppableCalls()
    if frames:
        training = frames.dataset(
            recipe.batch_size, run.seed, first_epoch=done, share=distribution.share
        )
    else:
        training = labelled_batches(run, recipe, settings, model, done, calls)
    validation = validation_batches(run.validation, settings, model, stage, calls)

    if distribution.chief:
        write_config(run, recipe)
    if distribution.strategy:
        report(distribution.words(recipe.batch_size, run.seed))
    report(
        f"{recipe.model_name} / {stage.name}: {run.sample_count} training and "
        f"{len(run.validation)} validation samples, {steps} steps an epoch, epochs {done + 1} to "
        f"{stage.epochs}, {model.count_params():,} weights "
        f"({len(model.trainable_variables)} of {len(model.variables)} arrays learn), on "
        f"{device()}, in {run.folder}"
    )
    progress = StageProgress(
        stage.name,
        epochs=stage.epochs,
        steps=steps,
        done=done,
        work_after=run.work_after,
        report=report,
        bar=distribution.chief,
    )
    drawn = grid_batch(run, settings, model) if distribution.chief else None
    callbacks = stage_callbacks(run, model, drawn, done)
    with (
        progress,
        interrupts_between_steps(distribution.agreement.any) as interrupts,
        stopped_at_the_end(calls) as stop_calls,
        distribution.fitting(),
    ):
        model.fit(
            distribution.distributed(training),
            validation_data=distribution.distributed(validation),
            validation_steps=distribution.steps(len(run.validation), recipe.batch_size),
            epochs=stage.epochs,
            initial_epoch=done,
            steps_per_epoch=steps,
            callbacks=[interrupts, *callbacks, progress.callback(keras.callbacks), stop_calls],
            shuffle=False,  # the dataset does
            verbose=0,  # type: ignore[arg-type]
        )
    distribution.agreement.messages()  # the chief has written what all go on with
    return best_checkpoint(run.folder)


@contextlib.contextmanager
def computing_in(policy: str) -> Iterator[None]:
    """Build layers with a Keras dtype policy in the block."""
    before = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy(policy)
    try:
        yield
    finally:
        keras.mixed_precision.set_global_policy(before)


def validate(run: StageRun, model: keras.Model) -> dict[str, float]:
    """The figures of a model on the run's validation samples, named as in its history."""
    recipe = dataclasses.replace(run.recipe.during(run.stage), model=model.matting_config)
    compile_stage(model, run.stage, 1)
    settings = pipeline_settings(recipe, run.stage, model, run.seed)
    samples = validation_batches(run.validation, settings, model, run.stage)
    figures: Any = model.evaluate(samples, return_dict=True, verbose=0)  # type: ignore[arg-type]
    return {f"val_{name}": float(value) for name, value in figures.items()}
