"""The callbacks of a stage, in the order in which they run."""

from __future__ import annotations

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

    Args:
        run: the stage, its recipe and its folder.
        model: restored from the folder where `done` is not 0.
        drawn: the batch of validation samples that is drawn.
        done: the epochs that are done.
    """
    import tensorflow as tf

    rows = read_history(run.folder / "history.csv")[:done]
    writer = tf.summary.create_file_writer(str(run.folder / "tensorboard" / "grids"))

    def show(picture: np.ndarray, epoch: int) -> None:
        with writer.as_default():
            tf.summary.image("image, predicted, true", picture[None], step=epoch)

    callbacks: list[keras.callbacks.Callback] = []
    average = None
    if run.recipe.average_decay:
        average = WeightAverage(run.recipe.average_decay)
        if done:
            average.restore(run.folder, model)
        callbacks.append(average)
    callbacks += [
        StopOnBadLoss(),
        keras.callbacks.TensorBoard(str(run.folder / "tensorboard"), write_graph=False),
        SampleGrid(drawn, run.folder, show),
    ]
    if run.stage.plateau:
        done_before = [float(row[run.stage.plateau.monitor]) for row in rows]
        callbacks.append(ReduceOnPlateau(run.stage.plateau, done_before))
    if run.experiment:
        callbacks.append(ExperimentLog(run.experiment, run.folder))
    recorder = RunRecorder(run.folder, run.stage.name, rows, run.stage.monitor, average)
    return [*callbacks, recorder]
