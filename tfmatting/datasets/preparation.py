"""Converts any layout to pairs with trimaps and lists, in parallel and resumable."""

from __future__ import annotations

import itertools
import multiprocessing
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np

from tfmatting.datasets.division import divide
from tfmatting.datasets.inspection import write_report
from tfmatting.datasets.masks import check_matte
from tfmatting.datasets.prepared_folder import (
    FOLDERS,
    REPORT_FILE,
    SETTINGS_FILE,
    Origin,
    refuse_overlap,
    refuse_overwriting,
    settings_to_note,
)
from tfmatting.datasets.prepared_lists import LISTS, TRAIN_LIST, list_files, write_lists
from tfmatting.datasets.sample import FileSource, Listing, Parts, Problem, Sample, SampleSource
from tfmatting.datasets.sample_notes import NOTES_FILE, files_of, look_at, remove_outgrown
from tfmatting.datasets.sources import told_apart
from tfmatting.errors import InputError
from tfmatting.files import write_json
from tfmatting.imaging.closed_form import import_solver, refine_mask
from tfmatting.imaging.io import write_image
from tfmatting.imaging.trimap import DISK_UNKNOWN, as_disk, trimap_from_alpha
from tfmatting.processes import cores, end_with_parent

REFINEMENTS = ("none", "closed-form")
PHOTO_FORMATS = ("jpg", "png")
MOST_WORKERS = 61
"""What a pool of processes takes on Windows."""
Progress = Callable[[Iterable, int], Iterable]


@dataclass(frozen=True)
class Preparation:
    """How samples are prepared.

    Attributes:
        train_ratio: fraction of the samples in `train_set.txt`, where the data set has no parts of
            its own; the others go to `val_set.txt`.
        trimap_width: kernel diameter of the trimap in pixels. T-Net's `size` 10 is 6 here.
        refine: "none", or "closed-form" for soft alpha from binary masks.
        seed: of the split.
        binarize: alpha above it, on the scale of 0 to 255, becomes 255, and 0 elsewhere. T-Net's
            data has 50. None leaves alpha as it is.
        keep_trimaps: keep the data set's own trimaps, where it has any and alpha stays as it is.
        photos: "jpg", or "png" for photos without loss.
        numbered: name the samples 0, 1, 2, ... in their order, as T-Net's code does. One that
            cannot be used leaves a gap.
        lists: NAME of the lists `NAME_img.json`, `NAME_alpha.json` and `NAME_trimap.json` of the
            training samples, and `NAME_val_*.json` of the others; none if empty.

    Raises:
        InputError: a value out of range.
    """

    train_ratio: float = 0.9
    trimap_width: int = 10
    refine: str = "none"
    seed: int = 0
    binarize: int | None = None
    keep_trimaps: bool = True
    photos: str = "jpg"
    lists: str = ""
    numbered: bool = False

    def __post_init__(self):
        if not 0 < self.train_ratio <= 1:
            raise InputError(
                f"`train_ratio` must be above 0 and at most 1. Received: {self.train_ratio}."
            )
        if self.refine not in REFINEMENTS:
            raise InputError(f"`refine` is one of {REFINEMENTS}. Received: {self.refine!r}.")
        if self.photos not in PHOTO_FORMATS:
            raise InputError(f"`photos` is one of {PHOTO_FORMATS}. Received: {self.photos!r}.")
        if self.binarize is not None and not 0 <= self.binarize < 255:
            raise InputError(f"`binarize` is 0 to 254. Received: {self.binarize}.")
        if self.lists != Path(self.lists).name:
            raise InputError(
                f"`lists` is a name such as aifenge, without folders. Received: {self.lists!r}."
            )


def prepare(
    data: Listing | Parts,
    output: Path,
    settings: Preparation,
    progress: Progress = lambda items, total: items,
    workers: int | None = None,
    origin: Origin | None = None,
) -> Listing:
    """Write `image/`, `alpha/`, `trimap/`, lists and `report.csv`.

    The parts of a data set stay what they are: `train_set.txt`, `val_set.txt`, `test_set.txt`.
    Existing samples are kept while their files are the same, so a stopped run can be continued.

    Args:
        data: the samples, in one piece or in parts.
        output: the folder to fill.
        settings: see `Preparation`.
        progress: wraps an iterable of known length in a progress bar.
        workers: processes; one for each core if omitted.
        origin: where the samples come from; a folder then takes none from elsewhere.

    Returns:
        The written samples, and all problems. `report.csv` lists the problems as well.

    Raises:
        InputError: no samples, or none that can be used; an output that is the source or overlaps
            with it, that something else has filled, or that holds samples with other settings or
            of another origin.
        MissingExtraError: the settings need a package that is not installed.
        OSError: a file cannot be read or written.
    """
    parts = Parts(data) if isinstance(data, Listing) else data
    present = {
        name: listing
        for name, listing in zip(LISTS, (parts.train, parts.validation, parts.test), strict=True)
        if listing is not None
    }
    apart = told_apart(list(present.values()))
    if settings.numbered:
        apart = _numbered(apart)
    listings = dict(zip(present, apart, strict=True))
    problems = [problem for listing in listings.values() for problem in listing.problems]
    if not any(listing.sources for listing in listings.values()):
        reason = f" First problem: {problems[0].reason}" if problems else ""
        raise InputError(f"There are no samples to prepare.{reason}")
    sources = [source for listing in listings.values() for source in listing.sources]
    _begin(sources, output, settings, origin)
    failures = _prepare_all(
        sources, output, settings, progress, min(workers or cores(), MOST_WORKERS)
    )
    problems += [problem for problem in failures if problem]
    failed = {
        source.identifier for source, problem in zip(sources, failures, strict=True) if problem
    }
    good = {
        name: [source for source in listing.sources if source.identifier not in failed]
        for name, listing in listings.items()
    }
    report = output / REPORT_FILE
    write_report(report, problems)
    if len(failed) == len(sources):
        raise InputError(
            f"No sample could be prepared; {report} says why. First problem: "
            f"{problems[0].path}: {problems[0].reason}"
        )
    if list(good) == [TRAIN_LIST]:
        good = _divided(good[TRAIN_LIST], settings)
    written = {
        name: [_paths(output, source, settings) for source in part] for name, part in good.items()
    }
    write_lists(output, written, settings.lists)
    return Listing([source for part in good.values() for source in part], problems)


def _begin(
    sources: Sequence[SampleSource], output: Path, settings: Preparation, origin: Origin | None
) -> None:
    """Refuse what can be refused; only then change something in the folder."""
    made = look_at(sources)
    outputs = [_paths(output, source, settings) for source in sources]
    refuse_overlap(
        output,
        [path for source in sources for path in files_of(source)],
        origin.source if origin else None,
    )
    refuse_overwriting(
        output,
        itertools.chain.from_iterable(outputs),
        {identity for one in made for identity in one.identities},
        [REPORT_FILE, NOTES_FILE, *list_files(settings.lists)],
    )
    document = settings_to_note(output, asdict(settings), asdict(Preparation()), origin)
    if settings.refine == "closed-form":
        import_solver()
    write_json(output / SETTINGS_FILE, document)
    remove_outgrown(output / NOTES_FILE, sources, made, outputs)


def _numbered(listings: Sequence[Listing]) -> list[Listing]:
    """The same samples with running numbers, part after part."""
    numbers = itertools.count()
    return [
        replace(
            listing,
            sources=[
                replace(cast(Any, source), identifier=str(next(numbers)))
                for source in listing.sources
            ],
        )
        for listing in listings
    ]


def _prepare_all(
    sources: Sequence[SampleSource],
    output: Path,
    settings: Preparation,
    progress: Progress,
    workers: int,
) -> list[Problem | None]:
    # A forked child hangs if OpenCV has used threads in the parent.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=end_with_parent) as pool:
        jobs = pool.map(
            _prepare_one,
            sources,
            [output] * len(sources),
            [settings] * len(sources),
            chunksize=4,
        )
        return list(progress(jobs, len(sources)))


def _prepare_one(source: SampleSource, output: Path, settings: Preparation) -> Problem | None:
    paths = _paths(output, source, settings)
    if all(path.is_file() for path in paths):
        return None
    cv2.setNumThreads(1)  # the processes share the cores
    try:
        if settings.binarize is not None and isinstance(source, FileSource):
            source = replace(source, binarize=settings.binarize)  # before the file's check
        sample = source.load()
        alpha = sample.alpha
        if settings.binarize is not None:
            alpha = np.where(alpha > settings.binarize, 255, 0).astype(np.uint8)
            check_matte(source.identifier, alpha)
        if settings.refine == "closed-form":
            alpha = refine_mask(sample.image, alpha, settings.trimap_width)
        image_path, alpha_path, trimap_path = paths
        write_image(image_path, sample.image)
        write_image(alpha_path, alpha)
        write_image(trimap_path, _trimap(sample, alpha, settings))
    except (ValueError, OSError) as error:
        return Problem(source.identifier, str(error))
    return None


def _trimap(sample: Sample, alpha: np.ndarray, settings: Preparation) -> np.ndarray:
    """The data set's own trimap, or one drawn from alpha; uint8 [H, W] of 0, 128, 255."""
    if settings.keep_trimaps and sample.trimap is not None and alpha is sample.alpha:
        return as_disk(sample.trimap)
    trimap = trimap_from_alpha(alpha, settings.trimap_width)
    if sample.ignored is not None:  # a matte cannot say "no class stated"; a trimap can
        trimap[sample.ignored] = DISK_UNKNOWN
    return trimap


def _paths(output: Path, source: SampleSource, settings: Preparation) -> tuple[Path, Path, Path]:
    name = source.identifier
    image, alpha, trimap = (output / folder for folder in FOLDERS)
    return image / f"{name}.{settings.photos}", alpha / f"{name}.png", trimap / f"{name}.png"


def _divided(
    sources: Sequence[SampleSource], settings: Preparation
) -> dict[str, list[SampleSource]]:
    """Divide a data set in one piece, with a sample to validate on where a part is wanted."""
    whole = len(sources)
    count = round(whole * settings.train_ratio)
    if settings.train_ratio < 1 and whole > 1:
        count = min(max(count, 1), whole - 1)
    training, validation = divide(sources, count, settings.seed)
    # an empty list would say that there is a part to validate on
    return {TRAIN_LIST: training} | ({"val": validation} if validation else {})
