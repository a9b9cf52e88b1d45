"""`train.py --stage`: which stages run, from which weights, and what is said."""

import json

import pytest

from tfmatting.models import save_model
from tfmatting.training import trainer


@pytest.fixture
def recorded(monkeypatch, tiny_tnet):
    """Stages are recorded instead of run; each leaves a checkpoint that says it is done."""
    calls = []

    def record(run, report):
        calls.append((run.stage.name, run.weights))
        facts = {"epoch": run.stage.epochs, "stage": run.stage.name}
        for name in ("best.keras", "last.keras"):
            save_model(tiny_tnet, run.folder / name, **facts)
        return run.folder / "best.keras"

    monkeypatch.setattr(trainer, "run_stage", record)
    return calls


def test_missing_stages_come_first_and_hand_their_weights_over(tmp_path, command, recorded):
    code, out, err = command("train", "--stage", "joint", "--smoke", "--output", tmp_path)
    assert code == 0, err
    folder = tmp_path / "lfm"
    assert recorded == [
        ("classifier", None),
        ("fusion", folder / "classifier" / "best.keras"),
        ("joint", folder / "fusion" / "best.keras"),
    ]
    assert "Stage joint builds upon classifier, fusion" in out


def test_stages_that_are_done_are_not_done_again(tmp_path, command, recorded):
    command("train", "--stage", "classifier", "--smoke", "--output", tmp_path)
    recorded.clear()
    code, _, err = command("train", "--stage", "joint", "--smoke", "--output", tmp_path)
    assert code == 0, err
    assert [name for name, _ in recorded] == ["fusion", "joint"]
    assert recorded[0][1] == tmp_path / "lfm" / "classifier" / "best.keras"
    code, _, err = command("train", "--stage", "joint", "--smoke", "--output", tmp_path)
    assert code == 2 and "holds a run" in err


def test_a_stage_from_weights_of_no_stage_is_allowed_and_warned_of(
    tmp_path, command, recorded, tiny_checkpoint
):
    code, out, err = command(
        "train", "--stage", "fusion", "--smoke", "--weights", tiny_checkpoint, "--output", tmp_path
    )
    assert code == 0, err
    assert "Warning: stage fusion builds upon classifier" in out
    assert recorded == [("fusion", tiny_checkpoint)]


def test_weights_of_another_encoder_and_odd_sizes_are_refused(tmp_path, command, tiny_checkpoint):
    code, _, err = command(
        "train", "--smoke", "--stage", "classifier", "--weights", tiny_checkpoint,
        "--output", tmp_path,
    )  # fmt: skip
    assert code == 2 and "checkpoint of 'tnet'" in err
    code, _, err = command("train", "--input-size", "500,500", "--output", tmp_path)
    assert code == 2 and "multiple of 32" in err and "(512, 512)" in err
    code, _, err = command("train", "--model", "tnet", "--classes", "3", "--output", tmp_path)
    assert code == 2 and "no classes" in err


@pytest.mark.parametrize(("asked", "done"), [(3, True), (4, False)])
def test_a_stage_is_done_after_the_epochs_it_was_given(tmp_path, tiny_tnet, asked, done):
    from tfmatting.models.checkpoints import is_done
    from tfmatting.training.recipes import find_recipe

    for name in ("best.keras", "last.keras"):
        save_model(tiny_tnet, tmp_path / name, epoch=3)
    config = {"recipe": {"stages": [{"epochs": asked}]}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert is_done(tmp_path, find_recipe("lfm").stage("fusion").epochs) is done
