"""Stages that are trained several times from the same weights, and then averaged."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np

from tfmatting.errors import InputError
from tfmatting.models import load_model, save_model
from tfmatting.models.checkpoints import BEST, LAST
from tfmatting.training.callbacks.recorder import read_history, signed, write_history
from tfmatting.training.distribution.parallel_runs import train_at_the_same_time
from tfmatting.training.stage_run import StageRun
from tfmatting.training.trainer import run_stage, validate


def train_averaged(
    run: StageRun, report: Callable[[str], None], cluster: str | None = None
) -> Path:
    """Train a stage `runs` times, each with the next seed, and average the best checkpoints.

    Every run has a folder of its own, `run_1` and so on; `best.keras` beside them is the mean, and
    `history.csv` has its one row.

    Args:
        run: what to train, on what, where; `resume` leaves finished runs as they are.
        report: receives lines for the user.
        cluster: the address of a Ray cluster that trains the runs at the same time; one after the
            other, on the devices of `run`, when None.

    Returns:
        The mean, `folder/best.keras`.

    Raises:
        InputError: no weights to start from (what begins differently has no useful mean), and
            what `run_stage` raises.
        DivergenceError: the loss became NaN or infinite.
        WorkerLostError: the cluster lost a run again and again.

    Source: Wortsman et al., "Model soups", ICML 2022, section 2 (uniform soup).
    """
    if run.weights is None:
        raise InputError(
            f"Stage {run.stage.name} averages {run.stage.runs} runs, which begin with the same "
            "weights. Received: none. Give --weights, or put a stage before it."
        )
    runs = [_single(run, number) for number in range(run.stage.runs)]
    if cluster:
        report(f"{run.stage.name}: {len(runs)} runs at the same time, seeds from {run.seed}")
        checkpoints = train_at_the_same_time(runs, cluster, report)
    else:
        checkpoints = [_train(single, number, report) for number, single in enumerate(runs)]
    model = average_checkpoints(checkpoints)
    figures = validate(run, model)
    monitor = run.stage.monitor
    alone = [_best(read_history(one.folder / "history.csv"), monitor) for one in runs]
    report(
        f"{run.stage.name}: {monitor} {figures[monitor]:.4f} of the mean of {len(runs)} runs, "
        f"{', '.join(f'{value:.4f}' for value in alone)} of each"
    )
    if run.distribution.chief:
        row = {name: f"{value:.6g}" for name, value in figures.items()}
        write_history(run.folder / "history.csv", [row])
        save_model(model, run.folder / BEST, stage=run.stage.name)
    run.distribution.agreement.messages()  # the chief has written
    return run.folder / BEST


def _single(run: StageRun, number: int) -> StageRun:
    """One of the runs of a stage, counted from 0."""
    folder = run.folder / f"run_{number + 1}"
    steps = run.stage.epochs * (run.sample_count // run.recipe.during(run.stage).batch_size)
    return dataclasses.replace(
        run,
        folder=folder,
        seed=run.seed + number,
        resume=run.resume and (folder / LAST).is_file(),
        work_after=run.work_after + steps * (run.stage.runs - number - 1),
    )


def _train(run: StageRun, number: int, report: Callable[[str], None]) -> Path:
    report(f"{run.stage.name}: run {number + 1} of {run.stage.runs}, seed {run.seed}")
    return run_stage(run, report)


def _best(rows: list[dict[str, str]], monitor: str) -> float:
    """The best value of a figure in a history."""
    return min((float(row[monitor]) for row in rows), key=lambda value: signed(monitor, value))


def average_checkpoints(paths: Sequence[Path]) -> keras.Model:
    """Average the weights of runs that began with the same weights.

    Such runs lie in one basin, and the mean of their weights does better than any of them, at
    one network's cost.

    Args:
        paths: `.keras` checkpoints of one model in one form.

    Raises:
        InputError: fewer than two checkpoints, or other models or forms among them.

    Source: Wortsman et al., "Model soups", ICML 2022, section 2 (uniform soup).
    """
    if len(paths) < 2:
        raise InputError(f"An average is of two checkpoints or more. Received: {len(paths)}.")
    model = load_model(paths[0])
    sums = [np.asarray(variable, np.float64) for variable in model.variables]
    for path in paths[1:]:
        other = load_model(path, expect=model.name)
        shapes = [tuple(variable.shape) for variable in other.variables]
        if shapes != [array.shape for array in sums]:
            raise InputError(
                f"Averaged checkpoints have one form. Received: {path}, in another form than "
                f"{paths[0]}. Leave it out."
            )
        sums = [total + np.asarray(v) for total, v in zip(sums, other.variables, strict=True)]
    for variable, total in zip(model.variables, sums, strict=True):
        variable.assign(total / len(paths))
    return model
