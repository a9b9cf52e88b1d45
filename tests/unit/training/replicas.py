"""Small runs on several devices, in a process of their own: TensorFlow asks for devices once.

`python -m tests.unit.training.replicas mirrored FOLDER CASE...` trains on two logical processors,
and on one as well. `... worker FOLDER [resume] [NUMBER:SIGNAL...]` is one worker of `TF_CONFIG`;
`NUMBER:elsewhere` looks for the run in another folder.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfmatting.datasets.augmentation.prior import Prior
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.layers.normalization import BatchNormalization
from tfmatting.losses.matting import alpha_l1
from tfmatting.losses.segmentation import dice_loss
from tfmatting.models.matting_model import MattingModel
from tfmatting.models.tnet import TNetConfig
from tfmatting.training import trainer
from tfmatting.training.callbacks import recorder
from tfmatting.training.callbacks.interruption import StopOnInterrupt
from tfmatting.training.callbacks.recorder import read_history
from tfmatting.training.distribution.distribution import ALONE, Distribution, open_distribution
from tfmatting.training.stage_run import StageRun
from tfmatting.training.stages.compilation import freeze
from tfmatting.training.stages.consistency import ConsistencyModel
from tfmatting.training.stages.schedules import Schedule
from tfmatting.training.stages.self_prior import SelfPriorModel
from tfmatting.training.stages.stage import Optimization, Recipe, Stage

SIZE = (32, 32)
ELSEWHERE = "elsewhere"
SAMPLES, TRAINING = 13, 8
"""5 are for validation, which batches of 4 and two replicas do not divide."""


def network(*, prior: bool = False) -> MattingModel:
    """Two convolutions with a batch normalisation between them, and outputs for every loss."""
    layers = keras.layers
    image = keras.Input((*SIZE, 3), name="image")
    inputs = {"image": image}
    x = layers.Rescaling(1 / 255)(image)
    if prior:
        inputs["prior_alpha"] = keras.Input((*SIZE, 1), name="prior_alpha")
        x = layers.Concatenate()([x, inputs["prior_alpha"]])
    # a bias has no gradient there but noise, which Adam enlarges
    x = layers.Conv2D(4, 3, padding="same", use_bias=False, name="first")(x)
    x = layers.ReLU()(BatchNormalization(momentum=0.5, name="statistics")(x))
    alpha = layers.Conv2D(1, 3, padding="same", activation="sigmoid", name="alpha")(x)
    detail = layers.Conv2D(1, 3, padding="same", name="detail")(x)
    semantic = layers.AveragePooling2D(16, name="semantic")(alpha)
    outputs = {"alpha": alpha, "detail": detail, "semantic": semantic}
    return MattingModel(keras.Model(inputs, outputs, name="tnet"), TNetConfig(input_size=SIZE))


def run_of(
    folder: Path, distribution: Distribution = ALONE, *, freezes: bool = False, **changes
) -> StageRun:
    """Two epochs of two steps; gradients are clipped, weights averaged and penalized."""
    stage = Stage(
        "small",
        epochs=2,
        losses={"alpha": ((1.0, alpha_l1), (0.5, dice_loss))},
        schedule=Schedule("constant", 1e-2),
        optimization=Optimization("adam", 1e-3, clip_norm=0.05, weight_penalty=1e-2),
        freeze_normalization=freezes,
    )
    stage = dataclasses.replace(stage, **changes)
    recipe = Recipe(
        "small", "tnet", TNetConfig(input_size=SIZE), (stage,), 4, average_decay=0.5, prior=Prior()
    )
    sources = sample_listing(SAMPLES, size=SIZE).sources
    frames = [np.asarray(source.load().image) for source in sources[:TRAINING]]
    return StageRun(
        recipe, stage, sources[:TRAINING], sources[TRAINING:], folder, frames=frames,
        distribution=distribution, seed=3,
    )  # fmt: skip


def train(run: StageRun, wrap=lambda made: made, *, prior: bool = False) -> dict[str, list]:
    """Train the small network; the weights and figures of the last epoch."""
    made: list[keras.Model] = []

    def stage_model(recipe, stage, *arguments, **options):
        model = wrap(network(prior=prior))
        freeze(model, stage)
        made.append(model)
        return model

    trainer.stage_model = stage_model
    trainer.run_stage(run, lambda line: print(line, flush=True))
    rows = read_history(run.folder / "history.csv") if run.distribution.chief else []
    return {
        "weights": [float(v) for array in made[-1].get_weights() for v in np.ravel(array)],
        "figures": [[float(value) for value in row.values()] for row in rows],
        "replicas": replicas_of(made[-1]),
    }


def replicas_of(model: keras.Model) -> list[list[float]]:
    """The moving variance on each device."""
    variance = model.get_layer("statistics").moving_variance.value
    return [np.asarray(value).tolist() for value in getattr(variance, "values", [variance])]


def mirrored(folder: Path, chosen: list[str]) -> None:
    """The chosen cases on one device and on two."""
    processor = tf.config.list_physical_devices("CPU")[0]
    two = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(processor, two)

    def devices(synchronized: bool) -> Distribution:
        return open_distribution("mirrored", synchronized_batch_norm=synchronized, report=print)

    replicas, synchronized = devices(False), devices(True)
    frozen: dict[str, Any] = {"freezes": True}
    cases: dict[str, tuple[dict, dict]] = {
        "frozen": (frozen, {}),
        "prior": (frozen, {"wrap": lambda made: SelfPriorModel(made, 0.5), "prior": True}),
        "unlabelled": ({**frozen, "unlabelled": True}, {"wrap": ConsistencyModel}),
        "learning": ({}, {}),
    }
    results = {}
    for name in chosen:
        changes, how = cases[name]
        results[f"{name} single"] = train(run_of(folder / "1" / name, **changes), **how)
        run = run_of(folder / "2" / name, replicas, **changes)
        results[f"{name} mirrored"] = train(run, **how)
    if "learning" in chosen:
        results["synchronized"] = train(run_of(folder / "2" / "synchronized", synchronized))
    (folder / "results.json").write_text(json.dumps(results))


def worker(folder: Path, words: list[str]) -> None:
    """A run of several workers, which ends itself by a signal in its second epoch if told to."""
    if "uncured" in words:
        Distribution.prepare = lambda self, model: None
        Distribution.fitting = lambda self: contextlib.nullcontext()
    distribution = open_distribution("multi-worker", synchronized_batch_norm=False, report=print)
    number = distribution.share.worker
    own = [word.partition(":")[2] for word in words if word.startswith(f"{number}:")]
    for name in own:
        if name != ELSEWHERE:
            _signal_in_the_second_epoch(signal.Signals[name])
    save = recorder.save_model

    def save_slowly(*arguments, **facts):
        time.sleep(1)  # the others are to wait for the chief's files
        save(*arguments, **facts)

    recorder.save_model = save_slowly
    run = run_of(folder / ("other" if ELSEWHERE in own else "run"), distribution)
    run = dataclasses.replace(run, resume="resume" in words)
    (folder / f"worker_{number}.json").write_text(json.dumps(train(run)))


def _signal_in_the_second_epoch(number: int) -> None:
    epochs = []
    before = StopOnInterrupt.on_train_batch_end

    def on_train_batch_end(self, batch, logs=None):
        epochs.append(batch)
        if epochs == [0, 1, 0]:
            os.kill(os.getpid(), number)
        before(self, batch, logs)

    StopOnInterrupt.on_train_batch_end = on_train_batch_end


if __name__ == "__main__":
    role, folder, *words = sys.argv[1:]
    if role == "mirrored":
        mirrored(Path(folder), words)
    else:
        from tfmatting.cli.errors import run_safely

        sys.exit(run_safely("train", lambda: worker(Path(folder), words) or 0))
