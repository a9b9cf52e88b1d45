"""The callbacks of a stage, in the order in which they run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfmatting.training.callbacks.experiment_log import ExperimentLog
from tfmatting.training.callbacks.plateau import ReduceOnPlateau
from tfmatting.training.callbacks.recorder import (
    RunRecorder,
    SampleGrid,
    StopOnBadLoss,
    read_history,
)
from tfmatting.training.callbacks.weight_average import WeightAverage
from tfmatting.training.stage_run import StageRun


def stage_callbacks(
    run: StageRun, model: keras.Model, drawn, done: int
) -> list[keras.callbacks.Callback]:
    """Make the callbacks that a stage asks for; the recorder comes last.

    Of several workers, only the chief has those that write.

    Args:
        run: the stage, its recipe and its folder.
        model: restored from the folder where `done` is not 0.
        drawn: the batch of validation samples that is drawn; the chief's.
        done: the epochs that are done.
    """
    chief = run.distribution.chief
    rows = read_history(run.folder / "history.csv")[:done]
    callbacks: list[keras.callbacks.Callback] = []
    average = None
    if run.recipe.average_decay:
        average = WeightAverage(run.recipe.average_decay)
        if done:
            average.restore(run.folder, model)
        callbacks.append(average)
    callbacks.append(StopOnBadLoss())
    if chief:
        callbacks += _pictures(run.folder, drawn)
    if run.stage.plateau:
        done_before = [float(row[run.stage.plateau.monitor]) for row in rows]
        callbacks.append(ReduceOnPlateau(run.stage.plateau, done_before))
    if run.experiment and chief:
        callbacks.append(ExperimentLog(run.experiment, run.folder))
    recorder = RunRecorder(
        run.folder, run.stage.name, rows, run.stage.monitor, average, writes=chief
    )
    return [*callbacks, recorder]


def _pictures(folder: Path, drawn: Any) -> list[keras.callbacks.Callback]:
    """TensorBoard and the grids of samples."""
    import tensorflow as tf

    writer = tf.summary.create_file_writer(str(folder / "tensorboard" / "grids"))

    def show(picture: np.ndarray, epoch: int) -> None:
        with writer.as_default():
            tf.summary.image("image, predicted, true", picture[None], step=epoch)

    return [
        keras.callbacks.TensorBoard(str(folder / "tensorboard"), write_graph=False),
        SampleGrid(drawn, folder, show),
    ]
