"""Judges a model: the one call behind `tfmatting evaluate`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfmatting.datasets.backgrounds import read_backgrounds
from tfmatting.datasets.names import SAMPLE
from tfmatting.datasets.parts import is_whole
from tfmatting.datasets.sample import Listing, Problem
from tfmatting.datasets.sources import held_out, read_all
from tfmatting.errors import InputError
from tfmatting.evaluation.clips import Judged
from tfmatting.evaluation.false_alarm import FalseAlarms, false_alarms
from tfmatting.evaluation.judging import (
    Judgement,
    Scoring,
    StartJudging,
    check_workers,
    judge,
    judge_in_processes,
    nothing_judged,
    stretches,
)
from tfmatting.evaluation.report import check_folder, write_report
from tfmatting.evaluation.scores import METRICS, Metrics, Row, check_region, means
from tfmatting.evaluation.trained_on import training_run
from tfmatting.files import same_file
from tfmatting.inference import load


@dataclass(frozen=True)
class Evaluation:
    """The figures of a model, unscaled, and what could not be judged.

    Attributes:
        rows: the figures of each image.
        means: their means, and of clips also `dtssd` and `messddt`.
        problems: what could not be judged, and why.
        false_alarms: on the pictures without people; None if there were none.
        origin: which part of the data set was judged, as it is named there.
    """

    rows: list[Row]
    means: dict[str, float]
    problems: list[Problem]
    false_alarms: FalseAlarms | None = None
    origin: str = ""

    @property
    def images(self) -> int:
        """How many images were judged."""
        return len(self.rows)

    def as_json(self) -> dict[str, Any]:
        """Return `images`, the means by metric, and `false_alarms`, as far as they were judged."""
        figures: dict[str, Any] = {"images": self.images, **self.means} if self.rows else {}
        if self.false_alarms:
            figures["false_alarms"] = self.false_alarms.as_json()
        return figures


def evaluate(
    model: str | Path | Judged = "portrait",
    data: str | Path | Listing | None = "sample",
    *,
    part: str | None = None,
    person: int | None = None,
    ignored: int | None = None,
    region: str = "all",
    trimap_width: int = 20,
    output: str | Path | None = None,
    backgrounds: str | Path | None = None,
    refine: bool = True,
    threads: int | None = None,
    delegate: str | Path | None = None,
    metrics: Metrics = METRICS,
    workers: int = 1,
    progress: Callable[..., Iterable] | None = None,
) -> Evaluation:
    """Judge a model on photos or clips at their own size.

    The frames of a clip are matted in order, as those of a video.

    Args:
        model: the name of a pretrained model, a model file, or a loaded `Predictor`.
        data: a folder in any known layout, a `Listing`, or "sample" for drawn portraits; None
            judges `backgrounds` alone.
        part: "train", "validation", "test" or "all" of a data set's folder. If omitted, what no
            training on that folder has learnt from: its test part, else its validation part. Of
            data in one piece, what the run held out where `model` is the checkpoint of a run on
            it, else everything.
        person: the person's number, where masks hold class numbers.
        ignored: the number that states no class, where it is not 255.
        region: "all", or "unknown" for the unknown band of the trimap.
        trimap_width: kernel diameter in pixels for trimaps of samples that have none.
        output: a folder for `images.csv` (one row per image) and `worst.png` (the ten images
            with the largest MAD). If omitted, nothing is written.
        backgrounds: a folder of pictures without people. Every third one, which training holds
            back, is judged for false alarms.
        refine: fit the matte to the edges of the photo (guided filter). A loaded `Predictor`
            keeps its own setting.
        threads: processor threads of the network; all of them if omitted.
        delegate: library that runs a `.tflite` model on an accelerator; see `tfmatting.load`.
        metrics: which metrics, by name; all of `METRICS` if omitted.
        workers: processes, each with one thread of the network unless `threads` says otherwise;
            a clip is the work of one. The figures are the same.
        progress: wraps the samples, as `tqdm.tqdm` does.

    Returns:
        An `Evaluation`.

    Raises:
        MissingFileError: the model or a folder does not exist.
        InputError: an unknown region, layout or part, or no image at all could be judged.
        OSError: `output` cannot be written.

    Example:
        >>> import tfmatting
        >>> result = tfmatting.evaluate("portrait_lite", "sample")
        >>> result.images, result.problems
        (24, [])
        >>> sorted(result.means)
        ['conn', 'dice', 'grad', 'iou', 'mad', 'mse', 'sad']
    """
    check_region(region)
    check_workers(workers, model, delegate)
    if data is None and backgrounds is None:
        raise InputError("Nothing to judge: give `data`, `backgrounds`, or both.")
    if output is not None:
        check_folder(Path(output))
    if isinstance(data, (str, Path)):
        data = _listing(model, str(data), part, person, ignored)
    pictures = read_backgrounds(backgrounds).held_back if backgrounds is not None else None
    progress = progress or iter
    scoring = Scoring(region, trimap_width, metrics)
    judgement = Judgement()
    if data is not None and workers > 1:
        start = StartJudging(model, refine, threads, scoring)  # type: ignore
        judgement = judge_in_processes(start, progress(data.sources), workers)
    if isinstance(model, (str, Path)):
        model = load(model, refine=refine, threads=threads, delegate=delegate)
    result = Evaluation([], {}, [])
    if data is not None:
        if workers == 1:
            for stretch in stretches(progress(data.sources)):
                judgement.add(judge(model, stretch, scoring))
        result = _evaluation(judgement, data)
        if output is not None:
            write_report(Path(output), model, result.rows, data.sources)
    if pictures is not None:
        alarms = false_alarms(model, pictures, progress)
        problems = [*result.problems, *alarms.problems]
        result = dataclasses.replace(result, problems=problems, false_alarms=alarms)
    return result


def _listing(
    model: str | Path | Judged,
    data: str,
    part: str | None,
    person: int | None,
    ignored: int | None,
) -> Listing:
    """The samples to judge on: none that the model has learnt from, where that can be known."""
    listing = read_all(data, part, person, ignored)
    if part is not None or not isinstance(model, (str, Path)) or data == SAMPLE:
        return listing
    run = training_run(model)
    if run is None or not same_file(run.data, Path(data)):
        return listing
    return held_out(listing, run.validation_part, run.seed) if is_whole(data) else listing


def _evaluation(judgement: Judgement, listing: Listing) -> Evaluation:
    problems = [*listing.problems, *judgement.problems]
    rows = judgement.rows
    if not rows:
        raise nothing_judged(problems)
    figures = means(rows) | judgement.temporal_means()
    return Evaluation(rows, figures, problems, origin=listing.origin)
