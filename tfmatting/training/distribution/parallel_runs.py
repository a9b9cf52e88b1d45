"""Runs that need nothing of each other, at the same time on the nodes of a Ray cluster."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tfmatting.cluster_connection import connected
from tfmatting.errors import WorkerLostError
from tfmatting.models.checkpoints import LAST
from tfmatting.training.callbacks.recorder import read_history
from tfmatting.training.stage_run import StageRun

TRIES = 3
LOOK_SECONDS = 5.0


def train_at_the_same_time(
    runs: Sequence[StageRun], address: str, report: Callable[[str], None]
) -> list[Path]:
    """Train each run as a task of a Ray cluster, with an equal part of its cores, or a GPU.

    A run whose process or node is lost goes on after its last complete epoch, on any node.

    Args:
        runs: each in a folder of its own; every node sees data and folders at the same paths.
        address: "local", "auto" or `host:port`.
        report: receives a line for every epoch.

    Returns:
        The best checkpoint of each.

    Raises:
        InputError, DivergenceError: what `run_stage` raises.
        WorkerLostError: a run was lost `TRIES` times.
        MissingExtraError: Ray is not installed.
    """
    with connected(address) as ray:
        part = _part(ray, len(runs))
        task = ray.remote(max_calls=1, max_retries=0, **part)(_train_alone)
        given = (part["num_cpus"], Path.cwd())
        waiting = {task.remote(run, *given): number for number, run in enumerate(runs)}
        best, lost = [Path()] * len(runs), [0] * len(runs)
        told = [len(_epochs(run)) if run.resume else 0 for run in runs]
        while waiting:
            done, _ = ray.wait(list(waiting), timeout=LOOK_SECONDS)
            for number, run in enumerate(runs):
                told[number] = _tell_epochs(run, number, told[number], report)
            for finished in done:
                number = waiting.pop(finished)
                try:
                    best[number] = _result(ray, finished)
                    continue
                except ray.exceptions.RayError as error:  # its process or node is gone
                    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
                lost[number] += 1
                if lost[number] == TRIES:
                    raise WorkerLostError(
                        f"Run {number + 1} was lost {TRIES} times ({reason}). See the logs of Ray, "
                        "and go on with --resume."
                    )
                report(
                    f"Run {number + 1} was lost ({reason}) and goes on after its last complete "
                    "epoch."
                )
                again = dataclasses.replace(
                    runs[number], resume=(runs[number].folder / LAST).is_file()
                )
                waiting[task.remote(again, *given)] = number
        return best


def _train_alone(run: StageRun, threads: int, folder: Path) -> Path:
    """What a task does, in a process of its own: in `folder`, from where paths may lead."""
    os.chdir(folder)
    from tfmatting.tensorflow_setup import import_tensorflow

    tensorflow = import_tensorflow()
    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    from tfmatting.training.trainer import run_stage

    return run_stage(run, lambda line: None)


def _result(ray: Any, task: Any) -> Path:
    """The best checkpoint of a finished task; what a run refused is raised as it raised it."""
    try:
        return ray.get(task)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from None


def _part(ray: Any, runs: int) -> dict[str, int]:
    """What each run asks for: the most cores with which all fit, and a GPU where there are any."""
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    with_gpu = [node for node in nodes if node.get("GPU")]
    cores = [int(node.get("CPU", 0)) for node in with_gpu or nodes]
    fitting = (
        most for most in range(max(cores), 1, -1) if sum(count // most for count in cores) >= runs
    )
    return {"num_cpus": next(fitting, 1), "num_gpus": int(bool(with_gpu))}


def _tell_epochs(run: StageRun, number: int, told: int, report: Callable[[str], None]) -> int:
    """Report the epochs that have ended since; return how many have."""
    rows = _epochs(run)
    for row in rows[told:]:
        figure = f"{run.stage.monitor} {float(row[run.stage.monitor]):.4f}"
        epochs = f"epoch {row['epoch']} of {run.stage.epochs}"
        report(f"{run.stage.name}: run {number + 1}, {epochs}: {figure}")
    return max(told, len(rows))


def _epochs(run: StageRun) -> list[dict[str, str]]:
    """The rows of a run's history."""
    path = run.folder / "history.csv"
    return read_history(path) if path.is_file() else []
