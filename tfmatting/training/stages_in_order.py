"""The stages of a run, one after the other, each from the checkpoint of the one before."""

from __future__ import annotations

from pathlib import Path

from tfmatting.models.checkpoints import LAST
from tfmatting.training import averaging, trainer
from tfmatting.training.data import TrainingData
from tfmatting.training.resolve import Report, ResolvedRun
from tfmatting.training.stage_run import StageRun


def train_stages(
    run: ResolvedRun, data: TrainingData, *, resume: bool, verbose: bool, report: Report
) -> Path:
    """Train every stage of a run; return the best checkpoint of the last one."""
    weights = run.weights
    for name in run.stages:
        stage, folder = run.recipe.stage(name), run.folder / name
        train = averaging.train_averaged if stage.runs > 1 else trainer.run_stage
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
                verbose=verbose,
            ),
            report=report,
        )
    assert weights is not None  # a run has at least one stage
    return weights
