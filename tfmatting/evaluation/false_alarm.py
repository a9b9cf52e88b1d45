"""How much of a picture without people a model takes for one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmatting.datasets.sample import Problem
from tfmatting.errors import InputError
from tfmatting.imaging.io import read_image
from tfmatting.inference import Predictor

OPAQUE = 0.5
NOTICED = 0.01
"""Part of the pixels above `OPAQUE` that makes a picture count as an alarm."""


@dataclass(frozen=True)
class FalseAlarms:
    """Means over people-free pictures.

    Attributes:
        images: how many were judged.
        mean_alpha: of all pixels, every picture counting the same.
        alarms: part of the pictures with more than `NOTICED` of their pixels above `OPAQUE`.
        problems: pictures that could not be read.
    """

    images: int
    mean_alpha: float
    alarms: float
    problems: list[Problem]

    def as_json(self) -> dict[str, float]:
        """`images`, `mean_alpha`, `alarms`."""
        return {"images": self.images, "mean_alpha": self.mean_alpha, "alarms": self.alarms}

    def line(self) -> str:
        """The figures with their units."""
        return (
            f"{self.images} pictures without people: mean alpha {self.mean_alpha:.4f}; "
            f"{self.alarms:.1%} have more than {NOTICED:.0%} of their pixels over {OPAQUE}"
        )


def false_alarms(
    predictor: Predictor,
    paths: Sequence[Path],
    progress: Callable[[Iterable[Path]], Iterable[Path]] = iter,
) -> FalseAlarms:
    """Matte people-free pictures at their own size.

    Args:
        predictor: the model.
        paths: the pictures.
        progress: wraps them in a progress bar.

    Raises:
        ValueError: none that could be read.
    """
    means, alarms, problems = [], [], []
    for path in progress(paths):
        try:
            alpha = predictor.alpha(read_image(path))
        except (ValueError, OSError) as error:
            problems.append(Problem(str(path), str(error)))
            continue
        means.append(float(alpha.mean()))
        alarms.append(float((alpha > OPAQUE).mean()) > NOTICED)
    if not means:
        raise InputError(f"No picture could be judged. Received: {len(paths)} pictures.")
    return FalseAlarms(len(means), float(np.mean(means)), float(np.mean(alarms)), problems)
