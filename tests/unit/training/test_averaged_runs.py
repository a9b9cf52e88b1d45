import dataclasses

import numpy as np
import pytest

from tests.unit.training.test_training import small_run
from tfmatting.config import to_dictionary
from tfmatting.models import build, load_model, read_metadata, save_model
from tfmatting.training.averaging import train_averaged
from tfmatting.training.callbacks.recorder import read_history
from tfmatting.training.folders import check_folder


@pytest.fixture
def run(tmp_path):
    run = small_run(tmp_path / "finish")
    save_model(build("tnet", **to_dictionary(run.recipe.model)), tmp_path / "start.keras")
    stage = dataclasses.replace(run.stage, epochs=1, runs=2)
    return dataclasses.replace(run, stage=stage, weights=tmp_path / "start.keras")


def kernel(path):
    return load_model(path).get_layer("last_conv").get_weights()[0]


def test_averaged_runs_give_the_mean_of_runs_with_other_seeds(run, capsys):
    best = train_averaged(run, print)
    assert "of the mean of 2 runs" in capsys.readouterr().out
    first, second = (run.folder / name for name in ("run_1", "run_2"))
    kernels = [kernel(folder / "best.keras") for folder in (first, second, best.parent)]
    assert np.abs(kernels[0] - kernels[1]).max() > 1e-6
    np.testing.assert_allclose(kernels[2], (kernels[0] + kernels[1]) / 2, atol=1e-6)
    assert (
        read_metadata(best)["stage"]
        == read_metadata(first / "last.keras")["stage"]
        == run.stage.name
    )
    (row,) = read_history(run.folder / "history.csv")
    assert set(row) == set(read_history(first / "history.csv")[0]) - {
        "epoch",
        "learning_rate",
        *(name.removeprefix("val_") for name in row),
    }


@pytest.mark.slow
def test_stopped_averaged_runs_go_on_with_the_run_it_was_in(run):
    train_averaged(run, print)
    best, first, second = (run.folder / f"{name}best.keras" for name in ("", "run_1/", "run_2/"))
    mean, done = kernel(best), first.stat().st_mtime_ns
    best.unlink()
    second.unlink()
    second.with_name("last.keras").unlink()
    with pytest.raises(ValueError, match="holds a run. Go on with --resume"):
        check_folder(run.folder, resume=False, overwrite=False)
    train_averaged(dataclasses.replace(run, resume=True), print)
    assert first.stat().st_mtime_ns == done and second.is_file()
    np.testing.assert_allclose(kernel(best), mean, atol=1e-3)


def test_runs_that_begin_differently_are_not_averaged(run):
    with pytest.raises(ValueError, match="begin with the same weights. Received: none"):
        train_averaged(dataclasses.replace(run, weights=None), print)
