"""Converts any layout to pairs with trimaps and lists, in parallel and resumable."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from tfmatting.datasets.inspection import write_report
from tfmatting.datasets.sample import Listing, Problem, SampleSource
from tfmatting.errors import InputError
from tfmatting.files import write_text
from tfmatting.imaging.closed_form import refine_mask
from tfmatting.imaging.io import write_image
from tfmatting.imaging.trimap import trimap_from_alpha

REFINEMENTS = ("none", "closed-form")


@dataclass(frozen=True)
class Preparation:
    """How samples are prepared.

    Attributes:
        train_ratio: fraction of the samples in `train_set.txt`; the others go to `val_set.txt`.
        trimap_width: kernel diameter of the trimap in pixels.
        refine: "none", or "closed-form" for soft alpha from binary masks.
        seed: of the split.

    Raises:
        InputError: a value out of range.
    """

    train_ratio: float = 0.9
    trimap_width: int = 10
    refine: str = "none"
    seed: int = 0

    def __post_init__(self):
        if not 0 < self.train_ratio <= 1:
            raise InputError(
                f"`train_ratio` must be above 0 and at most 1. Received: {self.train_ratio}."
            )
        if self.refine not in REFINEMENTS:
            raise InputError(f"`refine` is one of {REFINEMENTS}. Received: {self.refine!r}.")


def prepare(
    listing: Listing,
    output: Path,
    settings: Preparation,
    progress: Callable[[Iterable, int], Iterable] = lambda items, total: items,
) -> Listing:
    """Write `image/`, `alpha/`, `trimap/`, `train_set.txt`, `val_set.txt` and `report.csv`.

    Existing samples are kept, so a stopped run can be continued.

    Args:
        listing: the result of a reader.
        output: the folder to fill.
        settings: see `Preparation`.
        progress: wraps an iterable of known length in a progress bar.

    Returns:
        The written samples, and all problems. `report.csv` lists the problems as well.

    Raises:
        InputError: no samples, or a folder that holds samples with other settings.
    """
    if not listing.sources:
        reason = f" First problem: {listing.problems[0].reason}." if listing.problems else ""
        raise InputError(f"There are no samples to prepare.{reason}")
    _check_settings(output / "prepare.json", settings)
    # A forked child hangs if OpenCV has used threads in the parent.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        jobs = pool.map(
            _prepare_one,
            listing.sources,
            [output] * len(listing.sources),
            [settings] * len(listing.sources),
            chunksize=4,
        )
        failures = list(progress(jobs, len(listing.sources)))
    problems = [*listing.problems, *(problem for problem in failures if problem)]
    good = [
        source for source, problem in zip(listing.sources, failures, strict=True) if not problem
    ]
    write_report(output / "report.csv", problems)
    _write_lists(output, good, settings)
    return Listing(good, problems)


def _prepare_one(source: SampleSource, output: Path, settings: Preparation) -> Problem | None:
    paths = _paths(output, source)
    if all(path.is_file() for path in paths):
        return None
    cv2.setNumThreads(1)  # the processes share the cores
    try:
        sample = source.load()
        alpha = sample.alpha
        if settings.refine == "closed-form":
            alpha = refine_mask(sample.image, alpha, settings.trimap_width)
        image_path, alpha_path, trimap_path = paths
        write_image(image_path, sample.image)
        write_image(alpha_path, alpha)
        write_image(trimap_path, trimap_from_alpha(alpha, settings.trimap_width))
    except (ValueError, OSError) as error:
        return Problem(source.identifier, str(error))
    return None


def _paths(output: Path, source: SampleSource) -> tuple[Path, Path, Path]:
    name = source.identifier
    return (
        output / "image" / f"{name}.jpg",
        output / "alpha" / f"{name}.png",
        output / "trimap" / f"{name}.png",
    )


def _check_settings(path: Path, settings: Preparation) -> None:
    """Refuse to mix samples of different settings in one folder."""
    document = asdict(settings)
    if path.is_file():
        earlier = json.loads(path.read_text(encoding="utf-8"))
        if earlier != document:
            raise InputError(
                f"{path.parent} was begun with {earlier}. Received: {document}. Use the same "
                "settings, or another folder."
            )
    write_text(path, json.dumps(document, indent=2) + "\n")


def _write_lists(output: Path, sources: Sequence[SampleSource], settings: Preparation) -> None:
    order = np.random.default_rng(settings.seed).permutation(len(sources))
    count = round(len(sources) * settings.train_ratio)
    for name, chosen in (("train", order[:count]), ("val", order[count:])):
        lines = []
        for index in sorted(chosen):
            image, alpha, _ = _paths(output, sources[index])
            lines.append(f"{image.relative_to(output)}\t{alpha.relative_to(output)}\n")
        write_text(output / f"{name}_set.txt", "".join(lines))
