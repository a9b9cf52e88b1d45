"""Judges a segmenter on all classes of a data set; `evaluate` judges the person alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tfmatting.datasets.sample import Problem
from tfmatting.datasets.sources import read_labels
from tfmatting.errors import InputError
from tfmatting.evaluation.judging import nothing_judged
from tfmatting.inference import load
from tfmatting.metrics.classes import class_iou, class_recall, confusion


class Labelling(Protocol):
    """What a model must do for its classes to be judged; `Predictor` does it."""

    def labels(self, image: np.ndarray, /) -> np.ndarray | None:
        """Map uint8 [H, W, 3] to uint8 [H, W] of class numbers; None with two classes."""
        ...


@dataclass(frozen=True)
class ClassEvaluation:
    """The figures of a segmenter over the pixels of a whole data set.

    Attributes:
        matrix: int64 [classes, classes], pixels by true (rows) and predicted class (columns).
        images: how many were judged.
        problems: what could not be judged, and why.
        origin: which part of the data set was judged, as it is named there.
    """

    matrix: np.ndarray
    images: int
    problems: list[Problem]
    origin: str = ""

    @property
    def mean_iou(self) -> float:
        """Mean of `class_iou` over the classes that are true or predicted anywhere."""
        return float(np.nanmean(class_iou(self.matrix)))

    @property
    def mean_recall(self) -> float:
        """Mean of `class_recall` over the classes that are true anywhere."""
        return float(np.nanmean(class_recall(self.matrix)))

    @property
    def accuracy(self) -> float:
        """The fraction of pixels with the right class."""
        return float(np.trace(self.matrix) / self.matrix.sum())

    def as_json(self) -> dict[str, Any]:
        """Return the figures; `iou` by class number, of the classes that occur."""
        by_class = {n: iou for n, iou in enumerate(class_iou(self.matrix)) if not np.isnan(iou)}
        return {
            "images": self.images,
            "mean_iou": self.mean_iou,
            "mean_recall": self.mean_recall,
            "accuracy": self.accuracy,
            "iou": {str(number): float(iou) for number, iou in by_class.items()},
        }

    def table(self) -> str:
        """Return the figures as text."""
        figures = self.as_json()
        lines = [f"{self.images} images at their own size, {len(self.matrix)} classes"]
        lines += [f"  {name:12} {figures[name]:8.4f}" for name in list(figures)[1:4]]
        return "\n".join(
            lines + [f"  IoU of {n:5} {iou:8.4f}" for n, iou in figures["iou"].items()]
        )


def evaluate_classes(
    model: str | Path | Labelling,
    data: str | Path,
    classes: int,
    *,
    part: str | None = None,
    ignored: int | None = None,
    threads: int | None = None,
    delegate: str | Path | None = None,
    progress: Callable[..., Iterable] | None = None,
) -> ClassEvaluation:
    """Judge the class of every pixel of a data set.

    Args:
        model: a segmenter's file, or a loaded `Predictor`.
        data: a folder in any known layout whose masks are maps of class numbers.
        classes: how many the model and the masks have, three or more.
        part: as of `evaluate`.
        ignored: the number that states no class, where it is not 255.
        threads, delegate: as of `evaluate`.
        progress: wraps the samples, as `tqdm.tqdm` does.

    Raises:
        MissingFileError: the model or the folder does not exist.
        InputError: fewer than three classes, a model without classes or with more, or no image
            could be judged.
    """
    if classes < 3:
        raise InputError(
            f"Classes are judged from three on. Received: {classes}. Judge the person instead: "
            "leave --classes out."
        )
    listing = read_labels(str(data), classes, part, ignored)
    if isinstance(model, (str, Path)):
        model = load(model, threads=threads, delegate=delegate)
    matrix = np.zeros((classes, classes), np.int64)
    problems, images = list(listing.problems), 0
    for source in (progress or iter)(listing.sources):
        try:
            sample = source.load()
        except (ValueError, OSError) as error:
            problems.append(Problem(source.identifier, str(error)))
            continue
        labels = model.labels(sample.image)
        if labels is None or labels.max() >= classes:
            found = "two" if labels is None else f"more than {labels.max()}"
            raise InputError(f"The model must have {classes} classes. Received: one with {found}.")
        matrix += confusion(labels, sample.alpha, classes)
        images += 1
    if not images:
        raise nothing_judged(problems)
    return ClassEvaluation(matrix, images, problems, listing.origin)
