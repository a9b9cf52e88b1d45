"""Metrics of a model over a data set, one image at a time."""

from __future__ import annotations

import csv
import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmatting import metrics
from tfmatting.datasets.sample import Listing, Problem, Sample, SampleSource
from tfmatting.errors import InputError
from tfmatting.evaluation.clips import ClipJudge
from tfmatting.evaluation.report import WORST, worst_sheet
from tfmatting.files import atomic_path
from tfmatting.imaging.io import write_image
from tfmatting.imaging.trimap import trimap_from_alpha, unknown_region
from tfmatting.inference import Predictor

METRICS: dict[str, Callable] = {
    "sad": metrics.sad,
    "mad": metrics.mad,
    "mse": metrics.mse,
    "grad": metrics.gradient_error,
    "conn": metrics.connectivity_error,
    "iou": metrics.iou,
    "dice": metrics.dice,
}
REGIONS = ("all", "unknown")


@dataclass(frozen=True)
class Evaluation:
    """The means over the images that could be judged, unscaled, and what could not be."""

    images: int
    means: dict[str, float]
    problems: list[Problem]

    def as_json(self) -> dict[str, float]:
        """`images`, `sad`, `mad`, `mse`, `grad`, `conn`, `iou`, `dice`; of clips, also `dtssd`
        and `messddt`."""
        return {"images": self.images, **self.means}


def evaluate(
    predictor: Predictor,
    listing: Listing,
    *,
    region: str = "all",
    trimap_width: int = 20,
    output: Path | None = None,
    progress: Callable[[Iterable[SampleSource]], Iterable[SampleSource]] = iter,
) -> Evaluation:
    """Judge a model on the photos at their own size.

    Frames of clips are seen in order, as a video's; models with a prior alpha keep theirs.

    Args:
        predictor: the model.
        listing: the samples.
        region: "all", or "unknown": the trimap's band only.
        trimap_width: kernel diameter in pixels of trimaps made where the data has none.
        output: a folder for `images.csv` (a row an image) and `worst.png` (the ten with the
            largest MAD); nothing is written when omitted.
        progress: wraps the samples in a progress bar.

    Raises:
        ValueError: an unknown region, or no image at all that could be judged.
    """
    if region not in REGIONS:
        raise InputError(f"`region` is one of {REGIONS}. Received: {region!r}.")
    problems = list(listing.problems)
    sums = dict.fromkeys(METRICS, 0.0)
    worst: list[tuple[float, int, SampleSource]] = []
    count = 0
    judge = ClipJudge(predictor)

    def rows() -> Iterator[dict[str, object]]:
        nonlocal count
        for number, source in enumerate(progress(listing.sources)):
            try:
                sample = source.load()
            except (ValueError, OSError) as error:
                problems.append(Problem(source.identifier, str(error)))
                continue
            values = score(judge.alpha(source, sample), sample, region, trimap_width)
            count += 1
            for name, value in values.items():
                sums[name] += value
            heapq.heappush(worst, (values["mad"], -number, source))
            if len(worst) > WORST:
                heapq.heappop(worst)
            yield {"image": source.identifier, **values}

    if output is None:
        for _ in rows():
            pass
    else:
        with (
            atomic_path(output / "images.csv") as temporary,
            temporary.open("w", newline="", encoding="utf-8") as file,
        ):
            writer = csv.DictWriter(file, ["image", *METRICS], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows())
    if not count:
        reason = f" First problem: {problems[0].reason}" if problems else ""
        raise InputError(f"No image could be judged.{reason}")
    if output is not None:
        ordered = [(value, source) for value, _, source in sorted(worst, reverse=True)]
        write_image(output / "worst.png", worst_sheet(predictor, ordered))
    means = {name: total / count for name, total in sums.items()} | judge.means()
    return Evaluation(count, means, problems)


def score(
    alpha_pred: np.ndarray, sample: Sample, region: str = "all", trimap_width: int = 20
) -> dict[str, float]:
    """All metrics of one prediction."""
    alpha_true = sample.alpha.astype(np.float32) / 255
    mask = None
    if region == "unknown":
        trimap = sample.trimap
        if trimap is None:
            trimap = trimap_from_alpha(sample.alpha, trimap_width)
        mask = unknown_region(trimap)
    return {name: metric(alpha_pred, alpha_true, mask) for name, metric in METRICS.items()}
