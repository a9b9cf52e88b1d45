"""Figures of every epoch to Weights & Biases; offline with WANDB_MODE=offline."""

from __future__ import annotations

from pathlib import Path

import keras

from tfmatting.errors import MissingExtraError


class ExperimentLog(keras.callbacks.Callback):
    """Log to a project, in a run named by its folder.

    Args:
        project: the project's name.
        folder: the run's folder; the log goes into it.

    Raises:
        MissingExtraError: wandb is missing; the extra is named.
    """

    def __init__(self, project: str, folder: Path):
        super().__init__()
        try:
            import wandb
        except ImportError as error:
            raise MissingExtraError(
                "--wandb needs Weights & Biases. Run `pip install 'tfmatting[wandb]'`."
            ) from error
        self._open = lambda: wandb.init(
            project=project, name=folder.as_posix(), dir=str(folder), resume="allow"
        )
        self._run = None

    def on_train_begin(self, logs=None):
        self._run = self._open()

    def on_epoch_end(self, epoch, logs=None):
        if self._run:
            self._run.log({"epoch": epoch + 1, **(logs or {})})

    def on_train_end(self, logs=None):
        if self._run:
            self._run.finish()
