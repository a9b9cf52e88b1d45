"""A running average of the weights: more stable, and better on noisy labels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np

from tfmatting.errors import InputError
from tfmatting.files import atomic_path

FILE = "average.npz"


class WeightAverage(keras.callbacks.Callback):
    """Average all weights, batch-norm statistics included; validate and save the average.

    The average a_t = d_t a_(t-1) + (1 - d_t) w_t has d_t = min(decay, (t - 1) / (t + 3)): it
    reaches back over about a quarter of the steps so far and over 1 / (1 - decay) at most.

    Args:
        decay: the largest d.

    Source: Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging", SIAM
    1992; Shamir and Zhang, "Stochastic Gradient Descent for Non-smooth Optimization", ICML 2013,
    section 4 (polynomial-decay averaging, eta = 3).
    """

    def __init__(self, decay: float):
        super().__init__()
        self.decay = decay
        self.steps = 0
        self._averages: list = []
        self._raw: list[np.ndarray] | None = None

    def on_train_begin(self, logs=None):
        if not self._averages:
            self._averages = [keras.Variable(v, trainable=False) for v in self.model.variables]
        import tensorflow as tf

        values = list(self.model.variables)

        @tf.function
        def update(decay):
            for average, value in zip(self._averages, values, strict=True):
                if "float" in average.dtype:
                    average.assign(decay * average + (1.0 - decay) * value)

        self._update = update
        self._tensor = tf.constant

    def on_train_batch_end(self, batch, logs=None):
        self.steps += 1
        decay = min(self.decay, (self.steps - 1) / (self.steps + 3))
        self._update(self._tensor(decay, "float32"))

    def on_test_begin(self, logs=None):
        self._swap_in()

    def on_test_end(self, logs=None):
        self._swap_out()

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The model has the averaged weights inside the block."""
        self._swap_in()
        try:
            yield
        finally:
            self._swap_out()

    def save(self, folder: Path) -> None:
        """Write the averages beside a checkpoint."""
        with atomic_path(folder / FILE) as temporary, temporary.open("wb") as file:
            arrays = [np.asarray(average) for average in self._averages]
            np.savez(file, np.array(self.steps), *arrays)

    def restore(self, folder: Path, model: keras.Model) -> None:
        """Restore the averages of a run.

        Raises:
            InputError: the run left none, or those of another model.
        """
        path = folder / FILE
        if not path.is_file():
            raise InputError(f"Nothing to resume the weight average from: no {path}.")
        with np.load(path, allow_pickle=False) as archive:
            steps, *arrays = [archive[name] for name in archive.files]
        shapes = [tuple(variable.shape) for variable in model.variables]
        if [array.shape for array in arrays] != shapes:
            raise InputError(f"The weight average in {path} is of another model.")
        self.steps = int(steps)
        self._averages = [keras.Variable(array, trainable=False) for array in arrays]

    def _swap_in(self) -> None:
        if self._averages and self._raw is None:
            self._raw = [np.asarray(variable) for variable in self.model.variables]
            for variable, average in zip(self.model.variables, self._averages, strict=True):
                variable.assign(average)

    def _swap_out(self) -> None:
        if self._raw is not None:
            for variable, value in zip(self.model.variables, self._raw, strict=True):
                variable.assign(value)
            self._raw = None
