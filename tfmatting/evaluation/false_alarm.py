"""How much of a picture without people a model takes for a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tfmatting.datasets.sample import Problem
from tfmatting.errors import InputError
from tfmatting.evaluation.clips import Judged
from tfmatting.evaluation.scores import Row, means
from tfmatting.imaging.io import read_image

OPAQUE = 0.5
NOTICED = 0.01
"""A picture is an alarm if more than this fraction of its pixels is above `OPAQUE`."""


@dataclass(frozen=True)
class FalseAlarms:
    """What a model found in pictures without people.

    Attributes:
        rows: per picture the mean alpha (`mean_alpha`), and 1 or 0 for an alarm (`alarms`).
        problems: pictures that could not be read.
    """

    rows: list[Row]
    problems: list[Problem]

    @property
    def images(self) -> int:
        """How many pictures were judged."""
        return len(self.rows)

    @property
    def mean_alpha(self) -> float:
        """Mean alpha of all pixels; each picture counts the same."""
        return means(self.rows)["mean_alpha"]

    @property
    def alarms(self) -> float:
        """The fraction of pictures with more than `NOTICED` of their pixels above `OPAQUE`."""
        return means(self.rows)["alarms"]

    def as_json(self) -> dict[str, float]:
        """Return `images`, `mean_alpha` and `alarms`."""
        return {"images": self.images, "mean_alpha": self.mean_alpha, "alarms": self.alarms}

    def line(self) -> str:
        """Return the figures with their units."""
        return (
            f"{self.images} pictures without people: mean alpha {self.mean_alpha:.4f}; "
            f"{self.alarms:.1%} have more than {NOTICED:.0%} of their pixels over {OPAQUE}"
        )


def false_alarms(
    predictor: Judged,
    paths: Sequence[Path],
    progress: Callable[..., Iterable[Path]] = iter,
) -> FalseAlarms:
    """Matte pictures without people at their own size.

    Args:
        predictor: the model.
        paths: the pictures.
        progress: wraps the paths.

    Raises:
        InputError: no picture could be read.
    """
    rows: list[Row] = []
    problems: list[Problem] = []
    for path in progress(paths):
        try:
            alpha = predictor.alpha(read_image(path))
        except (ValueError, OSError) as error:
            problems.append(Problem(str(path), str(error)))
            continue
        alarm = float((alpha > OPAQUE).mean()) > NOTICED
        figures = {"mean_alpha": float(alpha.mean()), "alarms": float(alarm)}
        rows.append(Row(path.name, figures))
    if not rows:
        raise InputError(f"No picture could be judged. Received: {len(paths)} pictures.")
    return FalseAlarms(rows, problems)
