"""Which epoch is the best, and what stops a run at the end of one."""

import math

import keras
import pytest

from tfmatting.errors import DivergenceError, InputError
from tfmatting.models import load_model, read_metadata
from tfmatting.training.callbacks.recorder import RunRecorder, StopOnBadLoss, read_history
from tfmatting.training.records import best_checkpoint


@pytest.fixture
def recorder(tiny_tnet, tiny_checkpoint, tmp_path):
    """Makes a recorder of a run that has done given epochs."""
    model = load_model(tiny_checkpoint)
    model.compile(optimizer="sgd")

    def make(monitor="val_alpha_mad", rows=()):
        made = RunRecorder(tmp_path, "supervised", list(rows), monitor)
        made.set_model(model)
        return made

    return make


def best_epoch(folder):
    return read_metadata(folder / "best.keras")["epoch"]


@pytest.mark.parametrize(
    ("monitor", "values", "best"),
    [
        ("val_alpha_mad", (0.3, 0.1, 0.2), 2),
        ("val_alpha_iou", (0.3, 0.9, 0.2), 2),
        ("val_classes_dice", (0.1, 0.2, 0.3), 3),
        ("val_loss", (0.1, 0.2, 0.3), 1),
    ],
)
def test_the_best_epoch_follows_the_figures_own_direction(
    recorder, tmp_path, monitor, values, best
):
    made = recorder(monitor)
    for epoch, value in enumerate(values):
        made.on_epoch_end(epoch, {monitor: value})
    assert best_epoch(tmp_path) == best
    assert read_metadata(tmp_path / "last.keras")["epoch"] == 3
    resumed = recorder(monitor, read_history(tmp_path / "history.csv"))
    resumed.on_epoch_end(3, {monitor: values[best - 1]})  # no better than the best
    assert best_epoch(tmp_path) == best


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_validation_that_is_not_finite_stops_the_run(value):
    with pytest.raises(DivergenceError, match=r"val_loss is (nan|inf) after epoch 1\."):
        StopOnBadLoss().on_epoch_end(0, {"val_alpha_mad": 0.1, "val_loss": value})
    StopOnBadLoss().on_epoch_end(0, {"val_alpha_mad": 0.1, "val_loss": 1.0})


def test_a_checkpoint_that_is_not_there_is_not_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="not there"):
        best_checkpoint(tmp_path)


def test_a_monitor_is_a_figure_of_the_history(recorder):
    with pytest.raises(InputError, match=r"val_alpha_mad\. Received: 'val_iou'"):
        recorder("val_iou").on_epoch_end(0, {"val_alpha_mad": 0.1})


@pytest.mark.slow
def test_weights_in_half_precision_end_with_one_line(tmp_path, command):
    code, out, err = command(
        "train", "--model", "tnet", "--recipe", "mobile", "--smoke", "--output", tmp_path,
        "--set", "precision=float16", "--epochs", "2",
    )  # fmt: skip
    assert code == 2, out
    assert keras.mixed_precision.global_policy().name == "float32"
    assert "after epoch 1" in err and "Best checkpoint" not in out
    assert not list(tmp_path.rglob("*.keras"))
