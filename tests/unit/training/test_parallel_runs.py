"""Runs of a stage as tasks of a Ray cluster."""

import contextlib
import shutil
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from tests.namespaces import in_namespace
from tests.unit.training.test_training import small_run
from tfmatting.errors import DivergenceError, WorkerLostError
from tfmatting.models import load_model
from tfmatting.models.checkpoints import LAST
from tfmatting.training.distribution import parallel_runs
from tfmatting.training.distribution.parallel_runs import train_at_the_same_time


class Ray:
    """A cluster of two nodes whose tasks end as they are told, one after the other."""

    class exceptions:  # noqa: N801, the library's name
        class RayError(Exception):
            pass

        class RayTaskError(RayError):
            def __init__(self, cause):
                self.cause = cause

    def __init__(self, *endings):
        self.endings, self.started, self.asked = list(endings), [], {}

    def nodes(self):
        resources = ({"CPU": 8.0}, {"CPU": 4.0}, {"CPU": 64.0})
        alive = (True, True, False)
        return [{"Alive": a, "Resources": r} for a, r in zip(alive, resources, strict=True)]

    def remote(self, **asked):
        self.asked = asked
        return lambda function: SimpleNamespace(remote=self._start)

    def _start(self, run, threads, folder):
        self.started.append(run)
        return len(self.started) - 1

    def wait(self, tasks, timeout):
        return tasks[:1], tasks[1:]

    def get(self, task):
        ending = self.endings[task]
        if isinstance(ending, Exception):
            raise ending
        return ending


@pytest.fixture
def runs(tmp_path):
    return [small_run(tmp_path / f"run_{number}") for number in (1, 2)]


def trained(monkeypatch, ray, runs, report=print):
    connected = lambda address: contextlib.nullcontext(ray)  # noqa: E731
    monkeypatch.setattr(parallel_runs, "connected", connected)
    return train_at_the_same_time(runs, "auto", report)


def test_all_runs_fit_at_the_same_time(monkeypatch, runs):
    ray = Ray("a", "b")
    assert trained(monkeypatch, ray, runs) == ["a", "b"]
    assert (ray.asked["num_cpus"], ray.asked["num_gpus"]) == (4, 0)


def test_a_run_that_is_lost_goes_on_after_its_last_epoch(monkeypatch, runs):
    gone, lines = Ray.exceptions.RayError("the node died"), []
    ray = Ray(gone, "b", "a")
    (runs[0].folder).mkdir(parents=True)
    (runs[0].folder / LAST).touch()
    assert trained(monkeypatch, ray, runs, lines.append) == ["a", "b"]
    assert [run.resume for run in ray.started] == [False, False, True]
    assert lines == ["Run 1 was lost (the node died) and goes on after its last complete epoch."]
    with pytest.raises(WorkerLostError, match=r"Run 2 was lost 3 times \(the node died\)"):
        trained(monkeypatch, Ray("a", gone, gone, gone), runs)


def test_what_a_run_refuses_is_said_as_it_says_it(monkeypatch, runs):
    ray = Ray(Ray.exceptions.RayTaskError(DivergenceError("not finite")), "b")
    with pytest.raises(DivergenceError, match="not finite"):
        trained(monkeypatch, ray, runs)


def test_epochs_are_told_as_they_end(monkeypatch, runs):
    monitor, lines = runs[0].stage.monitor, []
    runs[0].folder.mkdir(parents=True)
    (runs[0].folder / "history.csv").write_text(f"epoch,{monitor}\n1,0.5\n2,0.25\n")
    trained(monkeypatch, Ray("a", "b"), runs, lines.append)
    name, epochs = runs[0].stage.name, runs[0].stage.epochs
    assert lines == [
        f"{name}: run 1, epoch 1 of {epochs}: {monitor} 0.5000",
        f"{name}: run 1, epoch 2 of {epochs}: {monitor} 0.2500",
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "supervised, with one run each. Leave --ray out"),
        (("--strategy", "mirrored"), "Leave one of them out"),
        (("--prune", "0.5"), "Leave --strategy and --ray out"),
    ],
)
def test_where_it_means_nothing_it_is_refused(command, tmp_path, words, message):
    train = ("train", "--model", "tnet", "--smoke", "--output", tmp_path, "--ray", "local")
    code, _, err = command(*train, *words)
    assert code == 2 and message in err


@pytest.mark.slow
def test_the_mean_of_runs_on_a_cluster(tmp_path, tiny_checkpoint):
    pytest.importorskip("ray", reason="the extra `cluster` is not installed")
    if not shutil.which("unshare") or in_namespace(["true"]).returncode:
        pytest.skip("no network namespaces here (unshare -n)")
    words = [sys.executable, "-m", "tfmatting", "train", "--model", "tnet", "--recipe", "mobile"]
    words += ["--smoke", "--epochs", "1", "--weights", tiny_checkpoint, "--output", "runs"]
    words += ["--set", "stages.supervised.runs=2", "--ray", "local"]
    done = in_namespace(words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 runs at the same time" in done.stdout and "of the mean of 2 runs" in done.stdout
    stage = tmp_path / "runs/tnet/supervised"
    first, second, mean = (
        load_model(stage / name / "best.keras").get_layer("last_conv").get_weights()[0]
        for name in ("run_1", "run_2", ".")
    )
    assert np.abs(first - second).max() > 1e-6
    np.testing.assert_allclose(mean, (first + second) / 2, atol=1e-6)
