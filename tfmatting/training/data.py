"""The samples of a run: found, checked, and split into training and validation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfmatting.datasets.backgrounds import read_backgrounds
from tfmatting.datasets.inspected import for_data
from tfmatting.datasets.inspection import inspect, write_report
from tfmatting.datasets.names import SAMPLE
from tfmatting.datasets.sample import SampleSource
from tfmatting.datasets.sources import SAMPLE_COUNT, Split, read_split
from tfmatting.errors import InputError
from tfmatting.training.resolve import Report, ResolvedRun
from tfmatting.video.frames import read_frames

SMOKE_SAMPLES = 24
Progress = Callable[..., Iterable]


@dataclass(frozen=True)
class TrainingData:
    """The training and validation data of a run.

    Attributes:
        train, validation: the samples.
        backgrounds: images without people to compose scenes with.
        frames: uint8 [H, W, 3] images without truth, for stages that learn from them.
    """

    train: Sequence[SampleSource]
    validation: Sequence[SampleSource]
    backgrounds: Sequence[Path] = ()
    frames: Sequence[np.ndarray] = ()


def find_data(
    run: ResolvedRun, report: Report, progress: Progress | None = None, *, writes: bool = True
) -> TrainingData:
    """Find the samples and check each one, so that a broken file cannot stop the run later.

    Args:
        run: says where they are.
        report: receives lines for the user.
        progress: wraps the inspection, as `tqdm` does.
        writes: whether this worker lists what cannot be used in the run's folder.

    Raises:
        InputError, MissingFileError: no such data, or a stage without the frames that it needs.
    """
    options = run.options
    split = _samples(run, report, progress, writes)
    backgrounds = read_backgrounds(options.backgrounds).train if options.backgrounds else ()
    frames: Sequence[np.ndarray] = ()
    if any(run.recipe.stage(name).unlabelled for name in run.stages):
        if options.frames is None:
            raise InputError(
                "This stage learns from frames without truth. Give --frames DIR|VIDEO."
            )
        frames = read_frames(Path(options.frames))
    return TrainingData(split.train.sources, split.validation.sources, backgrounds, frames)


def _samples(run: ResolvedRun, report: Report, progress: Progress | None, writes: bool) -> Split:
    options = run.options
    model = run.recipe.model
    split = read_split(
        run.data,
        validation_part=run.recipe.validation_part,
        seed=run.seed,
        classes=getattr(model, "classes", 2),
        numbers=hasattr(model, "classes"),
        ignored=options.ignored,
        sample_count=SMOKE_SAMPLES if options.smoke else SAMPLE_COUNT,
    )
    if run.data == SAMPLE:
        return split
    _check_person(split, model)
    report(f"Training on {split.train.origin}, validating on {split.validation.origin}.")
    checked = Split(
        inspect(split.train, progress, for_data(run.data, "train")),
        inspect(split.validation, progress, for_data(run.data, "validation")),
    )
    problems = [*checked.train.problems, *checked.validation.problems]
    if problems:
        path = run.folder / "data_problems.csv"
        if writes:
            write_report(path, problems)
        report(f"{len(problems)} samples cannot be used: {path}. First: {problems[0].reason}")
    for name, listing in (("training", checked.train), ("validation", checked.validation)):
        if not listing.sources:
            reason = f" First problem: {listing.problems[0].reason}" if listing.problems else ""
            raise InputError(f"No {name} sample in {run.data} can be used.{reason}")
    return checked


def _check_person(split: Split, model: Any) -> None:
    """Refuse to take another class of a data set for the person.

    Raises:
        InputError: maps of many classes, with the person at another number than the model's.
    """
    for source in split.train.sources:
        person = getattr(source, "person", None)
        wanted = getattr(model, "person_class", 1)
        if person is not None and getattr(source, "classes", 2) > 2 and person != wanted:
            raise InputError(
                f"The person of this data set is class {person}. Received: person_class {wanted}. "
                f"Give --set model.person_class={person}."
            )
