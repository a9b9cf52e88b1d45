"""Samples judged one after another, or in several processes, with the same figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import numpy as np

from tfmatting.datasets.sample import Problem, Sample, SampleSource
from tfmatting.errors import InputError
from tfmatting.evaluation.clips import TEMPORAL, ClipJudge, Judged
from tfmatting.evaluation.scores import METRICS, Metrics, Row, score
from tfmatting.inference import load
from tfmatting.processes import run_in_processes

Stretch = list[SampleSource]
"""A photo, or the frames of a clip in order: what one process judges."""


@dataclass
class Judgement:
    """The figures of samples, of pairs of consecutive frames, and what could not be judged."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    steps: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in TEMPORAL})

    def add(self, other: Judgement) -> None:
        """Append another one."""
        self.rows += other.rows
        self.problems += other.problems
        for name, values in other.steps.items():
            self.steps[name] += values

    def temporal_means(self) -> dict[str, float]:
        """The mean of each metric over all pairs of frames; empty without any."""
        return {name: float(np.mean(values)) for name, values in self.steps.items() if values}


@dataclass(frozen=True)
class Scoring:
    """Which figures are taken; see `score`."""

    region: str = "all"
    trimap_width: int = 20
    metrics: Metrics = field(default_factory=lambda: METRICS)

    def of(self, alpha: np.ndarray, sample: Sample) -> dict[str, float]:
        """The figures of a matte."""
        return score(alpha, sample, self.region, self.trimap_width, self.metrics)


def nothing_judged(problems: Sequence[Problem]) -> InputError:
    """The error where no image could be judged, with the first reason."""
    reason = f" First problem: {problems[0].reason}" if problems else ""
    return InputError(f"No image could be judged.{reason}")


def stretches(sources: Iterable[SampleSource]) -> Iterator[Stretch]:
    """Cut a listing into photos and clips."""
    for clip, group in groupby(sources, lambda source: getattr(source, "clip", None)):
        if clip is None:
            yield from ([source] for source in group)
        else:
            yield list(group)


def judge(predictor: Judged, stretch: Stretch, scoring: Scoring) -> Judgement:
    """Judge a stretch."""
    clips, judgement = ClipJudge(predictor), Judgement()
    for source in stretch:
        try:
            sample = source.load()
        except (ValueError, OSError) as error:
            judgement.problems.append(Problem(source.identifier, str(error)))
            continue
        figures = scoring.of(clips.alpha(source, sample), sample)
        judgement.rows.append(Row(source.identifier, figures))
    judgement.steps = clips.steps
    return judgement


def judge_in_processes(
    start: StartJudging, sources: Iterable[SampleSource], workers: int
) -> Judgement:
    """Judge stretches in worker processes and put them in order.

    Raises:
        InputError, MissingFileError, MissingExtraError: the model cannot be loaded.
    """
    whole = Judgement()
    done = dict(run_in_processes(start, stretches(sources), workers, _lost))
    for number in sorted(done):
        whole.add(done[number])
    return whole


@dataclass(frozen=True)
class StartJudging:
    """Loads the model in a process that has one core."""

    model: str | Path
    refine: bool
    threads: int | None
    scoring: Scoring

    def __call__(self) -> Callable[[Stretch], Judgement]:
        import cv2

        cv2.setNumThreads(1)
        predictor = load(self.model, refine=self.refine, threads=self.threads or 1)
        return lambda stretch: judge(predictor, stretch, self.scoring)


def check_workers(workers: int, model: object, delegate: object) -> None:
    """Refuse processes that could not load the model by themselves.

    Raises:
        InputError: less than one, or several for a loaded `Predictor` or one accelerator.
    """
    if workers < 1:
        raise InputError(f"`workers` is 1 or more. Received: {workers}.")
    if workers > 1 and (not isinstance(model, (str, Path)) or delegate is not None):
        raise InputError(
            f"Several processes load the model by themselves. Received: workers={workers} with a "
            "loaded model or a delegate. Give a model's name or file."
        )


def _lost(stretch: Stretch, end: str) -> Judgement:
    reason = f"The process that judged it ended twice ({end})."
    return Judgement(problems=[Problem(source.identifier, reason) for source in stretch])
