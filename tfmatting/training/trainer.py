"""Runs one stage of a recipe: compile, fit, leave checkpoints, resume."""

from __future__ import annotations

import dataclasses
import json
import platform
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfmatting.config import to_dictionary
from tfmatting.datasets.augmentation.augment import NONE
from tfmatting.datasets.augmentation.composition import AS_TAKEN
from tfmatting.datasets.augmentation.prior import NO_PRIOR, PRIOR_ALPHA
from tfmatting.datasets.pipeline.dataset import PipelineSettings, make_dataset, steps_per_epoch
from tfmatting.datasets.sample import SampleSource
from tfmatting.errors import InputError
from tfmatting.files import write_text
from tfmatting.imaging.resize import resize
from tfmatting.models import read_metadata
from tfmatting.models.checkpoints import BEST, LAST
from tfmatting.models.saving import load_weights
from tfmatting.training.callbacks.experiment_log import ExperimentLog
from tfmatting.training.callbacks.interruption import interrupts_between_steps
from tfmatting.training.callbacks.plateau import ReduceOnPlateau
from tfmatting.training.callbacks.recorder import (
    RunRecorder,
    SampleGrid,
    StopOnBadLoss,
    read_history,
)
from tfmatting.training.callbacks.weight_average import WeightAverage
from tfmatting.training.distillation import taught_dataset
from tfmatting.training.initialization import initial_model
from tfmatting.training.memory import check_memory
from tfmatting.training.stages.compilation import compile_stage, freeze, has_gpu, with_targets
from tfmatting.training.stages.consistency import UnlabelledFrames
from tfmatting.training.stages.stage import Recipe, Stage
from tfmatting.version import __version__

GRID_SAMPLES = 8


@dataclasses.dataclass(frozen=True)
class Run:
    """One stage of a recipe on given data, in a folder of its own.

    Attributes:
        recipe, stage: what to do.
        train, validation: the samples.
        backgrounds: people-free pictures for recipes that compose scenes.
        frames: uint8 [H, W, 3] pictures without truth, for stages that learn from them.
        folder: where checkpoints and records go.
        seed: of weights, order and variations.
        weights: a checkpoint to start from, in its own form at the recipe's input size, instead
            of the backbone weights.
        resume: go on from the folder's `last.keras`.
        experiment: a Weights & Biases project to log to; none when empty.
        verbose: show progress.
    """

    recipe: Recipe
    stage: Stage
    train: Sequence[SampleSource]
    validation: Sequence[SampleSource]
    folder: Path
    backgrounds: Sequence[Path] = ()
    frames: Sequence[np.ndarray] = ()
    seed: int = 0
    weights: Path | None = None
    resume: bool = False
    experiment: str = ""
    verbose: bool = True


def run_stage(run: Run, report: Callable[[str], None]) -> Path:
    """Train one stage.

    Args:
        run: what to train, on what, where.
        report: receives lines for the user.

    Returns:
        The best checkpoint, `folder/best.keras`.

    Raises:
        ValueError: nothing to resume, too few samples, weights that do not fit.
        FloatingPointError: the loss became NaN or infinite.
    """
    keras.utils.set_random_seed(run.seed)
    keras.mixed_precision.set_global_policy(run.recipe.precision)
    run = dataclasses.replace(run, recipe=run.recipe.during(run.stage))
    count = len(run.frames) if run.stage.unlabelled else len(run.train)
    steps = steps_per_epoch(count, run.recipe.batch_size)
    model = initial_model(run.recipe, run.weights, report, fill=not run.resume)
    if run.stage.adapt:
        model = run.stage.adapt(model, run.recipe)
    # a checkpoint keeps its own form, whatever the recipe's is
    run = dataclasses.replace(
        run, recipe=dataclasses.replace(run.recipe, model=model.matting_config)
    )
    if not has_gpu():
        check_memory(model, run.recipe.batch_size)
    freeze(model, run.stage)
    compile_stage(model, run.stage, max(steps, 1))
    frames = _frames(run, model) if run.stage.unlabelled else None
    done = _resume(run, model) if run.resume else 0
    if done >= run.stage.epochs:
        report(f"Stage {run.stage.name} already has its {run.stage.epochs} epochs.")
        return run.folder / BEST
    settings = _settings(run, model)
    if frames:
        training = frames.dataset(settings.batch_size, run.seed, first_epoch=done)
    else:
        training = taught_dataset(
            run.recipe.teacher,
            run.train,
            settings,
            backgrounds=run.backgrounds,
            first_epoch=done,
        )
        training = with_targets(training, model, run.stage)
    validation = _validation(run, settings, model)
    _write_config(run)
    report(
        f"{run.recipe.model_name} / {run.stage.name}: {count} training and "
        f"{len(run.validation)} validation samples, {steps} steps an epoch, epochs {done + 1} to "
        f"{run.stage.epochs}, {model.count_params():,} weights "
        f"({len(model.trainable_variables)} of {len(model.variables)} arrays learn), in "
        f"{run.folder}"
    )
    with interrupts_between_steps() as stop_on_interrupt:
        model.fit(
            training,
            validation_data=validation,
            epochs=run.stage.epochs,
            initial_epoch=done,
            steps_per_epoch=steps,
            callbacks=[stop_on_interrupt, *_callbacks(run, model, validation, done)],
            shuffle=False,  # the dataset does
            verbose="auto" if run.verbose else 0,  # type: ignore[arg-type]
        )
    return run.folder / BEST


def validate(run: Run, model: keras.Model) -> dict[str, float]:
    """The figures of a model on the run's validation samples, named as in its history."""
    recipe = dataclasses.replace(run.recipe.during(run.stage), model=model.matting_config)
    run = dataclasses.replace(run, recipe=recipe)
    compile_stage(model, run.stage, 1)
    samples = _validation(run, _settings(run, model), model)
    verbose: Any = "auto" if run.verbose else 0
    figures = model.evaluate(samples, return_dict=True, verbose=verbose)
    return {f"val_{name}": float(value) for name, value in figures.items()}


def _settings(run: Run, model: keras.Model) -> PipelineSettings:
    """How the run's training samples are read and varied."""
    return PipelineSettings(
        run.recipe.model.input_size,
        run.recipe.batch_size,
        augmentation=run.recipe.augmentation,
        composition=run.recipe.composition,
        augmentation_strength=run.stage.augmentation_strength,
        classes=getattr(run.recipe.model, "classes", 2),
        person_class=getattr(run.recipe.model, "person_class", 1),
        prior=run.recipe.prior if PRIOR_ALPHA in model.input else None,
        shuffle=True,
        seed=run.seed,
    )


def _validation(run: Run, settings: PipelineSettings, model: keras.Model):
    """The validation samples, each once and as taken, with the stage's targets."""
    still = dataclasses.replace(
        settings,
        augmentation=NONE,
        composition=AS_TAKEN,
        prior=NO_PRIOR if settings.prior else None,
        shuffle=False,
    )
    return with_targets(make_dataset(run.validation, still, epochs=1), model, run.stage)


def _frames(run: Run, model: keras.Model) -> UnlabelledFrames:
    """The run's frames at the model's size, with what the model says of them now."""
    size = model.matting_config.input_size
    return UnlabelledFrames(model, [resize(frame, size) for frame in run.frames])


def _resume(run: Run, model: keras.Model) -> int:
    """Restore weights, optimizer and step; return the epochs already done."""
    last = run.folder / LAST
    if not last.is_file():
        raise InputError(f"Nothing to resume: no {last}. Start without --resume.")
    metadata = read_metadata(last)
    ours = to_dictionary(run.recipe.model)
    different = [key for key in ours if metadata["config"].get(key) != ours[key]]
    if different:
        raise InputError(
            f"A resumed run keeps its model. {last} differs in: {', '.join(different)}. Give the "
            "same options as at its start, or a new --output."
        )
    load_weights(model, last)
    return int(metadata["epoch"])


def _callbacks(
    run: Run, model: keras.Model, validation, done: int
) -> list[keras.callbacks.Callback]:
    import tensorflow as tf

    rows = read_history(run.folder / "history.csv")[:done]
    batch = next(iter(validation.unbatch().batch(GRID_SAMPLES)))
    writer = tf.summary.create_file_writer(str(run.folder / "tensorboard" / "grids"))

    def show(picture: np.ndarray, epoch: int) -> None:
        with writer.as_default():
            tf.summary.image("image, predicted, true", picture[None], step=epoch)

    callbacks = [
        StopOnBadLoss(),
        keras.callbacks.TensorBoard(str(run.folder / "tensorboard"), write_graph=False),
        SampleGrid(batch, run.folder, show),
    ]
    if run.stage.plateau:
        done_before = [float(row[run.stage.plateau.monitor]) for row in rows]
        callbacks.append(ReduceOnPlateau(run.stage.plateau, done_before))
    if run.experiment:
        callbacks.append(ExperimentLog(run.experiment, run.folder))
    average = None
    if run.recipe.average_decay:
        average = WeightAverage(run.recipe.average_decay)
        if done:
            average.restore(run.folder, model)
        callbacks.insert(0, average)
    return [*callbacks, RunRecorder(run.folder, run.stage.name, rows, average)]


def _write_config(run: Run) -> None:
    """Write the resolved configuration, versions, commit and seed."""
    import tensorflow as tf

    recipe = to_dictionary(dataclasses.replace(run.recipe, stages=()))
    document = {
        "recipe": {**recipe, "stages": [run.stage.describe()]},
        "seed": run.seed,
        "weights": str(run.weights) if run.weights else None,
        "samples": {
            "train": len(run.train),
            "validation": len(run.validation),
            "backgrounds": len(run.backgrounds),
            "frames": len(run.frames),
        },
        "versions": {
            "tfmatting": __version__,
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "numpy": np.__version__,
        },
        "commit": _commit(),
    }
    write_text(run.folder / "config.json", json.dumps(document, indent=2) + "\n")


def _commit() -> str | None:
    """The source's git commit, where it lies in a checkout."""
    try:
        result = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout.strip() or None
