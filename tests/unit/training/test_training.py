import dataclasses
import json
import re
import signal

import keras
import numpy as np
import pytest

from tfmatting.datasets.synthesis import sample_listing
from tfmatting.losses.matting import alpha_l1
from tfmatting.losses.segmentation import binary_cross_entropy, cross_entropy, dice_loss
from tfmatting.models import load_model, read_metadata, save_model
from tfmatting.training import trainer
from tfmatting.training.callbacks import recorder
from tfmatting.training.callbacks.interruption import interrupts_between_steps
from tfmatting.training.callbacks.recorder import StopOnBadLoss, draw_grid, read_history
from tfmatting.training.initialization import initial_model
from tfmatting.training.memory import activation_gigabytes, check_memory
from tfmatting.training.recipes import find_recipe
from tfmatting.training.stage_run import StageRun
from tfmatting.training.stages.compilation import make_optimizer
from tfmatting.training.stages.schedules import LearningRate, Schedule, learning_rate
from tfmatting.training.stages.stage import Optimization
from tfmatting.training.trainer import run_stage


def test_losses_by_hand():
    true = np.array([1.0, 0.0, 0.0, 1.0], "float32").reshape(1, 2, 2, 1)
    pred = np.array([0.8, 0.2, 0.5, 0.5], "float32").reshape(1, 2, 2, 1)
    entropy = -(2 * np.log(0.8) + 2 * np.log(0.5)) / 4
    classes = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]], "float32").reshape(1, 1, 2, 3)
    chances = np.array([[0.1, 0.2, 0.7], [0.4, 0.5, 0.1]], "float32").reshape(1, 1, 2, 3)
    cases = [
        (binary_cross_entropy(true, pred), entropy),
        (alpha_l1(true, pred), (0.2 + 0.2 + 0.5 + 0.5) / 4),
        (dice_loss(true, pred), 1 - 2 * 1.3 / (2 + 2.0)),
        (cross_entropy(classes, chances), -(np.log(0.7) + np.log(0.4)) / 2),
        (cross_entropy(classes, classes), 0.0),
    ]
    for loss, expected in cases:
        assert loss.shape == (1,)
        assert float(loss[0]) == pytest.approx(expected, rel=1e-5, abs=1e-5)


def test_schedules_at_known_steps():
    cosine = learning_rate(Schedule("cosine", 0.1, warmup_epochs=1), epochs=3, steps_per_epoch=10)
    rates = [float(cosine(step)) for step in (0, 9, 10, 20, 30)]
    np.testing.assert_allclose(rates, [0.01, 0.1, 0.1, 0.05, 0], atol=1e-6)
    steps = learning_rate(Schedule("steps", 1.0, drops=(1, 2)), 3, 10)
    np.testing.assert_allclose([float(steps(s)) for s in (9, 10, 20)], [1, 0.1, 0.01], rtol=1e-6)
    assert LearningRate.from_config(steps.get_config()).drop_steps == (10, 20)
    with pytest.raises(ValueError, match="cosine"):
        Schedule("linear")
    with pytest.raises(ValueError, match="positive"):
        Schedule(learning_rate=0)


def test_unknown_recipes_stages_and_optimizers_list_the_known():
    with pytest.raises(ValueError, match="original, mobile"):
        find_recipe("tnet", "fast")
    with pytest.raises(ValueError, match="supervised"):
        find_recipe("tnet").stage("joint")
    with pytest.raises(ValueError, match="rmsprop"):
        make_optimizer(Optimization("lion"), 0.1)


def test_recipes_hold_the_originals_figures():
    recipe = find_recipe("tnet")
    stage = recipe.stage("supervised")
    assert (recipe.batch_size, stage.epochs, recipe.model.input_size) == (128, 300, (320, 320))
    assert stage.optimization.weight_decay == 1e-5
    assert float(learning_rate(stage.schedule, 300, 1)(299)) == pytest.approx(1e-5)


def small_run(folder, **changes):
    """Three epochs of two steps on a quarter-width T-Net."""
    recipe = find_recipe("tnet", "mobile", smoke=True)
    model = dataclasses.replace(recipe.model, width=0.25)
    stage = dataclasses.replace(recipe.stages[0], epochs=3)
    recipe = dataclasses.replace(
        recipe, model=model, backbone_weights="none", batch_size=2, stages=(stage,)
    )
    sources = sample_listing(6, size=(64, 64)).sources
    run = StageRun(recipe, stage, sources[:4], sources[4:], folder, seed=1)
    return dataclasses.replace(run, **changes)


class StopAfter(keras.callbacks.Callback):
    """Ctrl-C in the middle of an epoch."""

    def __init__(self, epoch):
        super().__init__()
        self.target, self.epoch = epoch, 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == self.target:
            raise KeyboardInterrupt


def weights_of(path):
    return load_model(path).get_weights()


@pytest.mark.traced
def test_a_run_leaves_checkpoints_a_table_and_pictures(tmp_path):
    lines = []
    best = run_stage(small_run(tmp_path), lines.append)
    assert best == tmp_path / "best.keras" and best.is_file()
    assert read_metadata(tmp_path / "last.keras")["epoch"] == 3
    history = read_history(tmp_path / "history.csv")
    assert [row["epoch"] for row in history] == ["1", "2", "3"]
    assert {"loss", "val_alpha_mad", "val_alpha_iou", "learning_rate"} <= set(history[0])
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["seed"] == 1 and config["recipe"]["model"]["width"] == 0.25
    assert config["recipe"]["stages"][0]["losses"]["alpha"]["alpha_l1"] == 2.0
    assert (tmp_path / "grids" / "epoch_003.png").is_file()
    assert list((tmp_path / "tensorboard").rglob("events*"))
    assert any("3" in line for line in lines)


@pytest.mark.slow
def test_a_stopped_run_resumes_to_the_same_weights(tmp_path, monkeypatch):
    """Tolerance: threads add floats in any order; a lost optimizer state shows at 1e-3."""
    run_stage(small_run(tmp_path / "whole"), print)
    made = trainer.stage_callbacks
    with monkeypatch.context() as patch:
        patch.setattr(trainer, "stage_callbacks", lambda *a: [*made(*a), StopAfter(2)])
        with pytest.raises(KeyboardInterrupt):
            run_stage(small_run(tmp_path / "cut"), print)
    assert read_metadata(tmp_path / "cut" / "last.keras")["epoch"] == 2
    run_stage(small_run(tmp_path / "cut", resume=True), print)
    assert len(read_history(tmp_path / "cut" / "history.csv")) == 3
    pairs = zip(*(weights_of(tmp_path / n / "last.keras") for n in ("whole", "cut")), strict=True)
    for whole, cut in pairs:
        np.testing.assert_allclose(whole, cut, atol=1e-4)
    again = run_stage(small_run(tmp_path / "cut", resume=True), print)
    assert again == tmp_path / "cut" / "best.keras"


def test_a_run_stopped_between_its_files_resumes_without_a_gap(tmp_path, monkeypatch):
    def interrupted(model, path, **facts):
        if path.name == "last.keras" and facts["epoch"] == 2:
            raise KeyboardInterrupt
        save_model(model, path, **facts)

    with monkeypatch.context() as patch:
        patch.setattr(recorder, "save_model", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run_stage(small_run(tmp_path), print)
    run_stage(small_run(tmp_path, resume=True), print)
    history = read_history(tmp_path / "history.csv")
    assert [row["epoch"] for row in history] == ["1", "2", "3"]
    best = min(history, key=lambda row: float(row["val_alpha_mad"]))
    assert read_metadata(tmp_path / "best.keras")["epoch"] == int(best["epoch"])


def test_resuming_nothing_or_another_model_is_refused(tmp_path):
    with pytest.raises(ValueError, match="Nothing to resume"):
        run_stage(small_run(tmp_path, resume=True), print)
    run = small_run(tmp_path)
    run_stage(dataclasses.replace(run, stage=dataclasses.replace(run.stage, epochs=1)), print)
    other = small_run(tmp_path, resume=True)
    model = dataclasses.replace(other.recipe.model, width=0.5)
    other = dataclasses.replace(other, recipe=dataclasses.replace(other.recipe, model=model))
    with pytest.raises(ValueError, match="width"):
        run_stage(other, print)


def test_weights_of_a_checkpoint_are_the_start(tmp_path, tiny_checkpoint):
    run = small_run(tmp_path, weights=tiny_checkpoint)
    model = dataclasses.replace(run.recipe.model, width=0.5)  # the checkpoint's form holds
    run = dataclasses.replace(run, recipe=dataclasses.replace(run.recipe, model=model))
    stage = dataclasses.replace(
        run.stage, epochs=1, schedule=Schedule("constant", learning_rate=1e-12)
    )
    run_stage(dataclasses.replace(run, stage=stage), print)
    kernels = [
        load_model(path).get_layer("last_conv").get_weights()[0]
        for path in (tiny_checkpoint, tmp_path / "last.keras")
    ]
    np.testing.assert_allclose(*kernels, atol=1e-6)
    assert json.loads((tmp_path / "config.json").read_text())["recipe"]["model"]["width"] == 0.25


def test_a_batch_that_memory_cannot_hold_is_refused_with_one_that_fits(tiny_tnet):
    one, ten = (activation_gigabytes(tiny_tnet, batch) for batch in (1, 10))
    assert ten == pytest.approx(10 * one) and one > 64 * 96 * 3 * 4 / 1e9
    check_memory(tiny_tnet, 1)
    with pytest.raises(ValueError, match=r"--batch-size \d+") as caught:
        check_memory(tiny_tnet, 10**7)
    fits = int(re.search(r"--batch-size (\d+)", str(caught.value)).group(1))
    check_memory(tiny_tnet, fits)


@pytest.fixture
def python_interrupt():
    """Python's own handler of Ctrl-C, which a program run in the background does not have."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def test_the_first_interrupt_waits_for_the_step_and_the_second_does_not(python_interrupt):
    with interrupts_between_steps() as callback:
        callback.on_train_batch_end(0)
        signal.raise_signal(signal.SIGINT)  # raises nothing here
        with pytest.raises(KeyboardInterrupt):
            callback.on_train_batch_end(1)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is python_interrupt


def test_a_loss_that_is_no_number_stops_and_says_where():
    with pytest.raises(FloatingPointError, match="batch 5"):
        StopOnBadLoss().on_train_batch_end(4, {"loss": float("nan")})
    StopOnBadLoss().on_train_batch_end(4, {"loss": 1.0})


def test_the_grid_has_a_row_for_image_prediction_and_truth():
    image = np.full((3, 8, 6, 3), 7, np.uint8)
    grid = draw_grid(image, np.full((3, 8, 6, 1), 0.5), np.ones((3, 8, 6, 1)))
    assert grid.shape == (24, 18, 3)
    assert [int(grid[y, 0, 0]) for y in (0, 8, 16)] == [7, 128, 255]


def test_a_recipe_may_begin_with_a_longer_forms_checkpoint(tiny_checkpoint):
    recipe = find_recipe("tnet", "portrait_lite")
    small = dataclasses.replace(recipe.model, input_size=(64, 96), width=0.25)
    recipe = dataclasses.replace(recipe, model=small, backbone_weights=str(tiny_checkpoint))
    lines = []
    model = initial_model(recipe, None, lines.append)
    assert lines == [
        f"{len(model.variables)} of {len(model.variables)} arrays from {tiny_checkpoint}."
    ]
    other = dataclasses.replace(recipe, backbone_weights="none")
    initial_model(other, None, lines.append)
    assert "random weights" in lines[-1]
