"""Which checkpoint a run's folder stands for, and which run an export takes."""

import json
import os
import time

import pytest

from tfmatting import save_model
from tfmatting.errors import InputError
from tfmatting.models.checkpoints import find_checkpoint, newest_finished

STAGES = ("classifier", "fusion", "joint")


@pytest.fixture
def make_run(tiny_tnet, tmp_path):
    """Writes the files of a run; times grow with every file."""
    clock = iter(range(1, 10_000))

    def save(path, epoch):
        save_model(tiny_tnet, path, epoch=epoch)
        seconds = time.time() - 10_000 + next(clock)
        os.utime(path, (seconds, seconds))
        return path

    def make(name, *, stage=None, smoke=False, epochs=3, **done):
        """`done`: stage -> epochs that it has seen."""
        run = tmp_path / "runs" / name
        run.mkdir(parents=True)
        stages = [{"name": other, "unlabelled": False} for other in STAGES]
        options = {"stage": stage, "smoke": smoke, "frames": None}
        (run / "run.json").write_text(
            json.dumps({"options": options, "recipe": {"stages": stages}})
        )
        for other, epoch in done.items():
            save(run / other / "best.keras", max(epoch - 1, 1))
            save(run / other / "last.keras", epoch)
            (run / other / "config.json").write_text(
                json.dumps({"recipe": {"stages": [{"epochs": epochs}]}})
            )
        return run

    make.save = save
    return make


def test_the_newest_finished_run_that_is_no_smoke_run(make_run, tmp_path):
    runs = tmp_path / "runs"
    assert newest_finished(runs) == (None, [])
    smoke = make_run("smoke", smoke=True, classifier=3, fusion=3, joint=3)
    assert newest_finished(runs) == (None, [smoke])
    good = make_run("good", classifier=3, fusion=3, joint=3)
    stopped = make_run("stopped", classifier=3, fusion=3, joint=2)
    begun = make_run("begun", classifier=3)
    assert newest_finished(runs) == (good / "joint/best.keras", [begun, smoke, stopped])
    single = make_run("single", stage="classifier", classifier=3)
    assert newest_finished(runs)[0] == single / "classifier/best.keras"


def test_a_folder_stands_for_its_last_stage_whatever_the_times(make_run, tmp_path):
    run = make_run("lfm", joint=3, fusion=3, classifier=3)  # the first stage is the newest file
    assert find_checkpoint(run) == run / "joint/best.keras"
    assert find_checkpoint(run / "fusion") == run / "fusion/best.keras"
    assert newest_finished(tmp_path)[0] == run / "joint/best.keras"
    make_run.save(run / "quantize_aware/best.keras", 0)
    assert find_checkpoint(run) == run / "quantize_aware/best.keras"
    make_run.save(run / "joint/best.keras", 3)  # trained anew: what was compressed is stale
    assert find_checkpoint(run) == run / "joint/best.keras"


def test_files_of_other_programs_are_left_out(make_run, tmp_path):
    run = make_run("lfm", joint=3)
    (run / "other").mkdir()
    (run / "other/best.keras").write_text("not a model")
    assert find_checkpoint(run) == run / "joint/best.keras"
    alone = make_run.save(tmp_path / "alone/stage/best.keras", 3)
    for text in ("{", "[]", '{"options": {}, "recipe": {"stages": [{"name": "stage"}]}}'):
        (tmp_path / "alone/run.json").write_text(text)
        (tmp_path / "alone/stage/config.json").write_text(text)
        make_run.save(tmp_path / "alone/stage/last.keras", 3)
        assert find_checkpoint(tmp_path / "alone") == alone


def test_an_averaged_stage_stands_for_its_mean(make_run):
    run = make_run("lfm", joint=3)
    for number in (1, 2):
        make_run.save(run / f"joint/run_{number}/best.keras", 9)
    assert find_checkpoint(run) == run / "joint/best.keras"


def test_a_folder_of_several_runs_is_refused_and_they_are_named(make_run, tmp_path):
    make_run("lfm", joint=3)
    make_run("tnet", joint=3)
    with pytest.raises(InputError, match="lfm, .*tnet"):
        find_checkpoint(tmp_path / "runs")
    with pytest.raises(FileNotFoundError, match="Train a model first"):
        (tmp_path / "empty").mkdir()
        find_checkpoint(tmp_path / "empty")
