"""Learning rates as a function of the step, so that a resumed run needs no state for them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import keras
from keras import ops

from tfmatting.errors import InputError

KINDS = ("constant", "cosine", "steps", "triangular")


@dataclass(frozen=True)
class Schedule:
    """A learning rate over a stage.

    Attributes:
        kind: "constant", "cosine" (falls to 0), "steps" (times 0.1 at each of `drops`) or
            "triangular" (up from `lowest` and down again, over and over).
        learning_rate: the highest.
        lowest: where "triangular" begins.
        half_period: epochs from there to the highest.
        warmup_epochs: linear rise from 0 at the start.
        drops: epochs at which "steps" falls.
    """

    kind: str = "cosine"
    learning_rate: float = 1e-3
    warmup_epochs: float = 0.0
    drops: tuple[int, ...] = ()
    lowest: float = 0.0
    half_period: float = 2.0

    def __post_init__(self):
        if self.kind not in KINDS:
            raise InputError(f"A schedule is one of {KINDS}. Received: {self.kind!r}.")
        if not self.learning_rate > 0:
            raise InputError(f"`learning_rate` must be positive. Received: {self.learning_rate}.")


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
        lowest: float = 0.0,
        half_period_steps: int = 1,
    ):
        self.kind = kind
        self.learning_rate = learning_rate
        self.warmup_steps = warmup_steps
        self.total_steps = total_steps
        self.drop_steps = tuple(drop_steps)
        self.lowest = lowest
        self.half_period_steps = half_period_steps

    def __call__(self, step):
        step = ops.cast(step, "float32")
        rate = self.learning_rate
        if self.kind == "cosine":
            span = max(self.total_steps - self.warmup_steps, 1)
            progress = ops.clip((step - self.warmup_steps) / span, 0.0, 1.0)
            rate = rate * 0.5 * (1.0 + ops.cos(math.pi * progress))
        if self.kind == "triangular":
            # Smith, "Cyclical Learning Rates for Training Neural Networks", WACV 2017
            phase = ops.mod(step / self.half_period_steps, 2.0)
            rate = self.lowest + (rate - self.lowest) * (1.0 - ops.abs(phase - 1.0))
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
            "lowest": self.lowest,
            "half_period_steps": self.half_period_steps,
        }


def learning_rate(schedule: Schedule, epochs: int, steps_per_epoch: int) -> LearningRate:
    """Fill a run's steps into a schedule."""
    return LearningRate(
        schedule.kind,
        schedule.learning_rate,
        warmup_steps=round(schedule.warmup_epochs * steps_per_epoch),
        total_steps=epochs * steps_per_epoch,
        drop_steps=tuple(drop * steps_per_epoch for drop in schedule.drops),
        lowest=schedule.lowest,
        half_period_steps=max(1, round(schedule.half_period * steps_per_epoch)),
    )
