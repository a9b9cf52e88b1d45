"""One stage of a recipe on given data: what `trainer.run_stage` is asked to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmatting.datasets.sample import SampleSource
from tfmatting.training.distribution.distribution import ALONE, Distribution
from tfmatting.training.stages.stage import Recipe, Stage


@dataclass(frozen=True)
class StageRun:
    """One stage of a recipe on given data, in a folder of its own.

    Attributes:
        recipe, stage: what to do.
        train, validation: the samples.
        backgrounds: people-free images for recipes that compose scenes.
        frames: uint8 [H, W, 3] images without truth, for stages that learn from them.
        folder: where checkpoints and records go.
        seed: of weights, order and augmentation.
        weights: a checkpoint to start from, in its own form at the recipe's input size, instead
            of the backbone weights.
        resume: continue from the folder's `last.keras`.
        distribution: the devices that it computes on.
        experiment: a Weights & Biases project to log to; none when empty.
        work_after: what the whole run does after this stage, in steps of this one.
    """

    recipe: Recipe
    stage: Stage
    train: Sequence[SampleSource]
    validation: Sequence[SampleSource]
    folder: Path
    backgrounds: Sequence[Path] = ()
    frames: Sequence[np.ndarray] = ()
    seed: int = 0
    weights: Path | None = None
    resume: bool = False
    experiment: str = ""
    work_after: float = 0.0
    distribution: Distribution = ALONE

    @property
    def sample_count(self) -> int:
        """How many samples an epoch goes through."""
        return len(self.frames if self.stage.unlabelled else self.train)
