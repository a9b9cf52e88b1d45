"""A learning rate that falls when a figure stops rising."""

from __future__ import annotations

import keras

from tfmatting.training.stages.stage import Plateau

THRESHOLD = 1e-4
"""Smaller relative rises do not count as an improvement."""


class ReduceOnPlateau(keras.callbacks.Callback):
    """PyTorch's ReduceLROnPlateau in mode "max", whose state follows from the run's history.

    Args:
        settings: what to watch, and how patiently.
        values: the figure of the epochs already done; the rate after them is in the checkpoint.
    """

    def __init__(self, settings: Plateau, values: list[float]):
        super().__init__()
        self.settings = settings
        self.best, self.bad_epochs = -float("inf"), 0
        for value in values:
            self._falls(value)

    def on_epoch_end(self, epoch, logs=None):
        if self._falls((logs or {})[self.settings.monitor]):
            rate = self.model.optimizer.learning_rate
            rate.assign(rate * self.settings.factor)

    def _falls(self, value: float) -> bool:
        """Record a new value; return whether the learning rate falls."""
        if value > self.best * (1 + THRESHOLD) or self.best == -float("inf"):
            self.best, self.bad_epochs = value, 0
            return False
        self.bad_epochs += 1
        if self.bad_epochs <= self.settings.patience:
            return False
        self.bad_epochs = 0
        return True
