"""What a run writes after each epoch: checkpoints, a table, images."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import keras
import numpy as np

from tfmatting.errors import DivergenceError, InputError
from tfmatting.files import write_text
from tfmatting.imaging.io import alpha_to_uint8, write_image
from tfmatting.models.checkpoints import BEST, LAST
from tfmatting.models.saving import save_model
from tfmatting.training.callbacks.weight_average import WeightAverage

HIGHER_IS_BETTER = ("iou", "dice", "accuracy")
"""Last words of the figures that are to rise; all others are to fall."""


def signed(monitor: str, value: float) -> float:
    """The figure so that less is better, whatever its own direction."""
    return -value if monitor.rsplit("_", 1)[-1] in HIGHER_IS_BETTER else value


class RunRecorder(keras.callbacks.Callback):
    """Write `history.csv`, `best.keras` and `last.keras` after every epoch.

    `last.keras` is written last and says how many epochs it has seen: whenever a run is stopped,
    the rest is at least as new, and what is newer is done again.

    Args:
        folder: the run's folder.
        stage: the name that checkpoints carry.
        rows: the epochs of the run that is resumed.
        monitor: the figure of the history that decides which epoch is best.
        average: the run's weight average, which `best.keras` then holds.
        writes: whether this worker writes; of several, the chief alone.

    Raises:
        InputError: at the end of an epoch: the history has no such figure.
    """

    def __init__(
        self,
        folder: Path,
        stage: str,
        rows: list[dict[str, str]],
        monitor: str,
        average: WeightAverage | None = None,
        *,
        writes: bool = True,
    ):
        super().__init__()
        self.folder = folder
        self.stage = stage
        self.rows = rows
        self.monitor = monitor
        self.average = average
        self.writes = writes
        self.best = min(
            (signed(monitor, float(row[monitor])) for row in rows if monitor in row),
            default=math.inf,
        )

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        row = {"epoch": str(epoch + 1), **{key: f"{value:.6g}" for key, value in logs.items()}}
        row["learning_rate"] = f"{float(np.asarray(self.model.optimizer.learning_rate)):.6g}"
        self.rows.append(row)
        if self.writes:
            write_history(self.folder / "history.csv", self.rows)
        if self.monitor not in logs:
            raise InputError(
                f"A stage's monitor is a figure of its history: {', '.join(sorted(logs))}. "
                f"Received: {self.monitor!r}."
            )
        if not self.writes:
            return
        facts = {"epoch": epoch + 1, "stage": self.stage}
        value = signed(self.monitor, logs[self.monitor])
        if value < self.best:
            self.best = value
            with self.average.applied() if self.average else nullcontext():
                save_model(self.model, self.folder / BEST, **facts)
        if self.average:
            self.average.save(self.folder)
        save_model(self.model, self.folder / LAST, **facts)


def write_history(path: Path, rows: list[dict[str, str]]) -> None:
    """Write the table of epochs."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


def read_history(path: Path) -> list[dict[str, str]]:
    """Read the table of epochs; none when there is no file."""
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class StopOnBadLoss(keras.callbacks.Callback):
    """Stop when the loss, or a figure of the validation, is not finite.

    Earlier checkpoints stay as they are.
    """

    def on_train_batch_end(self, batch, logs=None):
        if logs and not math.isfinite(logs["loss"]):
            raise DivergenceError(
                f"The loss became {logs['loss']} in batch {batch + 1}. Checkpoints of "
                "earlier epochs are kept. Lower --learning-rate, or look at that batch's samples."
            )

    def on_epoch_end(self, epoch, logs=None):
        for name, value in (logs or {}).items():
            if not math.isfinite(value):
                raise DivergenceError(
                    f"{name} is {value} after epoch {epoch + 1}. Checkpoints of earlier "
                    "epochs are kept. Lower --learning-rate, or train in a higher precision (--set "
                    "precision=float32)."
                )


class SampleGrid(keras.callbacks.Callback):
    """Draw image, predicted and true matte of a few samples, as PNG and for TensorBoard.

    A model that predicts a trimap gets two more rows: its own, and the true one.

    Args:
        batch: `({"image", ...}, {"alpha", ...})` of the first validation samples.
        folder: where `grids/epoch_NNN.png` go.
        show: given (picture, epoch), puts it on TensorBoard.
    """

    def __init__(self, batch, folder: Path, show: Callable[[np.ndarray, int], None]):
        super().__init__()
        self.inputs = {name: np.asarray(value) for name, value in batch[0].items()}
        # below 0 where the data set states nothing
        self.alpha = np.clip(np.asarray(batch[1]["alpha"])[..., :1], 0, 1)
        self.trimap = np.asarray(batch[1]["trimap"]) if "trimap" in batch[1] else None
        self.folder = folder
        self.show = show

    def on_epoch_end(self, epoch, logs=None):
        outputs = self.model(self.inputs, training=False)
        rows = [np.asarray(outputs["alpha"]), self.alpha]
        if self.trimap is not None:
            rows += [trimap_picture(np.asarray(outputs["trimap"])), trimap_picture(self.trimap)]
        grid = draw_grid(self.inputs["image"], *rows)
        write_image(self.folder / "grids" / f"epoch_{epoch + 1:03d}.png", grid)
        self.show(grid, epoch + 1)


def draw_grid(image: np.ndarray, *maps: np.ndarray) -> np.ndarray:
    """Lay out a batch in rows: image, predicted alpha, true alpha, and the trimaps likewise.

    Args:
        image: uint8 [B, H, W, 3].
        maps: float [B, H, W, 1] in [0, 1], a row each.

    Returns:
        uint8 [(1 + N) H, B W, 3].
    """
    rows = [image.astype(np.uint8)]
    for alpha in maps:
        rows.append(np.repeat(alpha_to_uint8(alpha), 3, axis=-1))
    return np.concatenate([np.concatenate(list(row), axis=1) for row in rows], axis=0)


def trimap_picture(classes: np.ndarray) -> np.ndarray:
    """The likeliest class of each pixel, [B, H, W, 3] -> 0, 0.5 or 1, float [B, H, W, 1]."""
    return classes.argmax(axis=-1)[..., None] / 2.0
