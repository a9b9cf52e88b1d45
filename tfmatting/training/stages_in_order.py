"""The stages of a run, one after the other, each from the checkpoint of the one before."""

from __future__ import annotations

import functools
from pathlib import Path

from tfmatting.models.checkpoints import LAST
from tfmatting.training import averaging, initialization, trainer
from tfmatting.training.data import TrainingData
from tfmatting.training.distribution.distribution import ALONE, Distribution
from tfmatting.training.resolve import Report, ResolvedRun
from tfmatting.training.stage_run import StageRun
from tfmatting.training.stages.stage import Stage


def train_stages(
    run: ResolvedRun,
    data: TrainingData,
    *,
    resume: bool,
    report: Report,
    distribution: Distribution = ALONE,
    cluster: str | None = None,
) -> Path:
    """Train every stage of a run; return the best checkpoint of the last one.

    Args:
        run, data: what to train, on what.
        resume: go on where an earlier run was stopped.
        report: receives lines for the user.
        distribution: the devices that it computes on.
        cluster: the address of a Ray cluster that trains the runs of a stage at the same time.
    """
    weights = run.weights
    averaged = functools.partial(averaging.train_averaged, cluster=cluster)
    for number, name in enumerate(run.stages):
        stage, folder = run.recipe.stage(name), run.folder / name
        train = averaged if stage.runs > 1 else trainer.run_stage
        weights = train(
            StageRun(
                recipe=run.recipe,
                stage=stage,
                train=data.train,
                validation=data.validation,
                folder=folder,
                backgrounds=data.backgrounds,
                frames=data.frames if stage.unlabelled else (),
                experiment=run.options.wandb or "",
                seed=run.seed,
                weights=weights,
                resume=resume and any(folder.rglob(LAST)),
                work_after=_work_after(run, data, number),
                distribution=distribution,
            ),
            report=report,
        )
    assert weights is not None  # a run has at least one stage
    return weights


def check_start(run: ResolvedRun) -> None:
    """Build the model that the run starts from, as its first stage will.

    Raises:
        InputError, OSError: see `stage_model`.
    """
    stage = run.recipe.stage(run.stages[0])
    initialization.stage_model(run.recipe.during(stage), stage, run.weights, report=lambda _: None)


def _work_after(run: ResolvedRun, data: TrainingData, number: int) -> float:
    """What follows a stage, in steps of it: time grows with the pixels that are seen."""

    def pixels(stage: Stage) -> float:
        size = stage.input_size or run.recipe.model.input_size
        count = len(data.frames if stage.unlabelled else data.train)
        return stage.epochs * stage.runs * count * size[0] * size[1]

    stage, *later = (run.recipe.stage(name) for name in run.stages[number:])
    batch = stage.batch_size or run.recipe.batch_size
    size = stage.input_size or run.recipe.model.input_size
    return sum(pixels(other) for other in later) / (batch * size[0] * size[1])
