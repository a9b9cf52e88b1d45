"""Learning rates as a function of the step, so that a resumed run needs no state for them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import keras
from keras import ops


@dataclass(frozen=True)
class Schedule:
    """A learning rate over a stage.

    Attributes:
        kind: "constant", "cosine" (falls to 0) or "steps" (times 0.1 at each of `drops`).
        learning_rate: the highest.
        warmup_epochs: linear rise from 0 at the start.
        drops: epochs at which "steps" falls.
    """

    kind: str = "cosine"
    learning_rate: float = 1e-3
    warmup_epochs: float = 0.0
    drops: tuple[int, ...] = ()

    def __post_init__(self):
        if self.kind not in ("constant", "cosine", "steps"):
            raise ValueError(f"A schedule is constant, cosine or steps. Received: {self.kind!r}.")
        if not self.learning_rate > 0:
            raise ValueError(f"`learning_rate` must be positive. Received: {self.learning_rate}.")


@keras.saving.register_keras_serializable("tfmatting")
class LearningRate(keras.optimizers.schedules.LearningRateSchedule):
    """A `Schedule` with the steps of a run filled in."""

    def __init__(
        self,
        kind: str,
        learning_rate: float,
        warmup_steps: int,
        total_steps: int,
        drop_steps: tuple[int, ...] = (),
    ):
        self.kind = kind
        self.learning_rate = learning_rate
        self.warmup_steps = warmup_steps
        self.total_steps = total_steps
        self.drop_steps = tuple(drop_steps)

    def __call__(self, step):
        step = ops.cast(step, "float32")
        rate = self.learning_rate
        if self.kind == "cosine":
            span = max(self.total_steps - self.warmup_steps, 1)
            progress = ops.clip((step - self.warmup_steps) / span, 0.0, 1.0)
            rate = rate * 0.5 * (1.0 + ops.cos(math.pi * progress))
        for drop in self.drop_steps:
            rate = rate * ops.where(step >= drop, 0.1, 1.0)
        if self.warmup_steps:
            rate = rate * ops.clip((step + 1.0) / self.warmup_steps, 0.0, 1.0)
        return rate

    def get_config(self):
        return {
            "kind": self.kind,
            "learning_rate": self.learning_rate,
            "warmup_steps": self.warmup_steps,
            "total_steps": self.total_steps,
            "drop_steps": self.drop_steps,
        }


def learning_rate(schedule: Schedule, epochs: int, steps_per_epoch: int) -> LearningRate:
    """Fill a run's steps into a schedule."""
    return LearningRate(
        schedule.kind,
        schedule.learning_rate,
        warmup_steps=round(schedule.warmup_epochs * steps_per_epoch),
        total_steps=epochs * steps_per_epoch,
        drop_steps=tuple(drop * steps_per_epoch for drop in schedule.drops),
    )
