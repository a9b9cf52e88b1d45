"""What a run shows: at most 100 columns, and a time left that later stages count in."""

import io
import sys

import pytest

from tfmatting.training import progress as module
from tfmatting.training.data import TrainingData
from tfmatting.training.options import TrainingOptions
from tfmatting.training.progress import StageProgress, duration
from tfmatting.training.resolve import resolve
from tfmatting.training.stages_in_order import _work_after

FIGURES = {"loss": 0.5, "alpha_iou": 0.9, "alpha_mad": 0.1, "foreground_sides_loss": 3.5}


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """Seconds that the test sets."""
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def run_epochs(progress, clock, epochs, steps, seconds):
    with progress:
        for epoch in range(epochs):
            for step in range(steps):
                clock[0] += 60 if not epoch and not step else seconds
                progress.step(FIGURES)
            progress.epoch(epoch, {**FIGURES, **{f"val_{k}": v for k, v in FIGURES.items()}})


def test_a_log_has_a_line_an_epoch_and_the_first_step_is_no_measure(clock, capsys):
    lines = []
    progress = StageProgress("joint", epochs=2, steps=10, work_after=100, report=lines.append)
    run_epochs(progress, clock, 2, 10, 2.0)
    assert lines == [
        "joint: 2 s a step; 0:34 (3:54 in all) left.",
        "joint 1/2  loss 0.5000 IoU 0.9000 MAD 0.1000  val IoU 0.9000 MAD 0.1000  "
        "1:18, 0:20 (3:40 in all) left",
        "joint 2/2  loss 0.5000 IoU 0.9000 MAD 0.1000  val IoU 0.9000 MAD 0.1000  0:20",
    ]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("columns", [60, 250])
def test_a_terminal_has_one_line_of_at_most_100_columns(clock, columns, monkeypatch):
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("COLUMNS", str(columns))
    progress = StageProgress("classifier", epochs=3, steps=40, report=lambda line: None, done=1)
    run_epochs(progress, clock, 2, 40, 1.5)
    drawn = [line for line in stream.getvalue().replace("\n", "\r").split("\r") if line.strip()]
    assert len(drawn) >= 3
    assert max(map(len, drawn)) <= min(columns, 100)
    assert any(line.startswith("classifier 2/3") for line in drawn)
    assert any(line.startswith("classifier 3/3") and "left" in line for line in drawn)


def test_times_grow_with_the_pixels_that_later_stages_see(tmp_path):
    options = TrainingOptions(model="tnet", recipe="portrait")
    run = resolve(options, tmp_path, lambda line: None)
    data = TrainingData(train=[None] * 80, validation=[], backgrounds=[], frames=[])
    assert run.stages == ("coarse", "fine", "finish")
    assert _work_after(run, data, 2) == 0
    assert _work_after(run, data, 1) == 3 * 4 * 80 / 8
    assert _work_after(run, data, 0) == pytest.approx((20 + 12) * 10 * (320 / 192) ** 2)


def test_durations():
    assert [duration(s) for s in (0.4, 59.6, 3599, 3600, 86_400)] == [
        "0:00", "1:00", "59:59", "1:00:00", "24:00:00",
    ]  # fmt: skip
