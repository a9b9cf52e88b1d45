"""What a run shows while it trains: one line with the time left, and a line of figures an epoch."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from tfmatting.processes import cores
from tfmatting.training.stages.compilation import has_gpu

WIDEST = 100
"""Columns."""
FIGURES = {"loss": "loss", "alpha_iou": "IoU", "alpha_mad": "MAD"}
"""Of the history, those that the terminal shows; `history.csv` has all."""


class StageProgress:
    """The progress of a stage: a bar on a terminal's stderr, and a line an epoch.

    The first step, which builds the graph, is no measure of the others and is left out of the
    estimates. A context manager: the bar is closed when the block ends.

    Args:
        title: the stage's name.
        epochs: of the stage.
        steps: of an epoch.
        done: epochs that are done.
        work_after: what the run does after this stage, in steps of this one.
        report: receives the lines for the user.
        bar: show a bar on a terminal.
    """

    def __init__(
        self,
        title: str,
        *,
        epochs: int,
        steps: int,
        report: Callable[[str], None],
        done: int = 0,
        work_after: float = 0.0,
        bar: bool = True,
    ):
        self._title, self._epochs, self._steps, self._report = title, epochs, steps, report
        self._left = (epochs - done) * steps
        self._work_after = work_after
        self._counted = 0
        self._began = self._epoch_began = time.monotonic()
        self._shows_bar, self._bar = bar, None

    def __enter__(self) -> StageProgress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def callback(self, callbacks: Any) -> Any:
        """A callback of Keras or of tf_keras that tells of steps and epochs.

        Args:
            callbacks: `keras.callbacks` or `tf_keras.callbacks`.
        """
        return callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: self.step(logs or {}),
            on_epoch_end=lambda epoch, logs: self.epoch(epoch, logs or {}),
        )

    def step(self, figures: Mapping[str, float]) -> None:
        """Count a step."""
        self._left -= 1
        self._counted += 1
        if self._counted == 1:
            self._began = time.monotonic()
            self._open()
            return
        if self._counted == 3:
            self._report(
                f"{self._title}: {self._seconds():.2g} s a step; {self._time_left()} left."
            )
        if self._bar is not None:
            epoch = self._epochs - self._left // self._steps
            self._bar.set_description_str(f"{self._title} {epoch}/{self._epochs}", False)
            words = [f"{self._seconds():.2g} s/step", f"{self._time_left()} left"]
            self._bar.set_postfix_str("  ".join([*words, _shown(figures)]), False)
            self._bar.update()

    def epoch(self, epoch: int, figures: Mapping[str, float]) -> None:
        """End an epoch, which begins at 0, with the figures of its history."""
        validation = {
            name.removeprefix("val_"): value
            for name, value in figures.items()
            if name.startswith("val_")
        }
        now = time.monotonic()
        line = f"{self._title} {epoch + 1}/{self._epochs}  {_shown(figures)}"
        if len(validation) > 1:
            validation.pop("loss", None)  # the others say more
        line += f"  val {_shown(validation)}" if validation else ""
        line += f"  {duration(now - self._epoch_began)}"
        self._epoch_began = now
        if self._bar is not None:
            self._bar.clear()
        self._report(line + (f", {self._time_left()} left" if self._left > 0 else ""))
        if self._bar is not None:
            self._bar.refresh()

    def _open(self) -> None:
        if not (self._shows_bar and sys.stderr.isatty()):
            return
        from tqdm import tqdm

        self._bar = tqdm(
            total=self._left + 1,
            initial=1,
            ncols=min(WIDEST, shutil.get_terminal_size().columns),
            bar_format="{desc} |{bar}|{postfix}",
            leave=False,
        )

    def _seconds(self) -> float:
        """The mean time of a step, validation included, without the first."""
        return (time.monotonic() - self._began) / max(1, self._counted - 1)

    def _time_left(self) -> str:
        stage = duration(self._left * self._seconds())
        if not self._work_after:
            return stage
        return f"{stage} ({duration((self._left + self._work_after) * self._seconds())} in all)"


def device() -> str:
    """What computes, in words."""
    if not has_gpu():
        return f"the CPU ({cores()} cores)"
    import tensorflow as tf

    cards = tf.config.list_physical_devices("GPU")
    names = {tf.config.experimental.get_device_details(card).get("device_name") for card in cards}
    return f"{len(cards)} GPU ({', '.join(sorted(str(name) for name in names))})"


def duration(seconds: float) -> str:
    """Seconds as `m:ss` or `h:mm:ss`."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _shown(figures: Mapping[str, float]) -> str:
    return " ".join(
        f"{word} {float(figures[name]):.4f}" for name, word in FIGURES.items() if name in figures
    )
