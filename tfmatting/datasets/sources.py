"""Finds the samples of a data set: a folder of any known layout, or drawn samples."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tfmatting.datasets.division import divide
from tfmatting.datasets.masks import check_matte
from tfmatting.datasets.matching import unique
from tfmatting.datasets.parts import TEST, TRAIN, VALIDATION, read_parts
from tfmatting.datasets.readers.voc import only_people
from tfmatting.datasets.sample import FileSource, Listing, Parts, SampleSource
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.errors import InputError
from tfmatting.imaging.class_maps import IGNORED, read_class_map
from tfmatting.imaging.io import read_alpha

SAMPLE = "sample"
SAMPLE_COUNT = 240
VALIDATION_PART = 0.1
"""What is held out of data in one piece, where a recipe says nothing else."""
PARTS = (TRAIN, VALIDATION, TEST, "all")
LOOKED_AT = 32
"""So many masks, spread over the data set, tell whether they hold class numbers 0 and 1."""


@dataclass(frozen=True)
class Split:
    """Samples for training and samples for validation."""

    train: Listing
    validation: Listing


def read_split(
    data: str,
    *,
    validation_part: float,
    seed: int,
    sample_count: int,
    classes: int = 2,
    numbers: bool = False,
) -> Split:
    """Find the training and validation samples of a data set.

    The data set's own parts are used; see `read_parts`. Where it has none for validation, a
    random part of the training samples, given by the seed, is held out.

    Args:
        data: a folder, or "sample" for drawn samples.
        validation_part: fraction to hold out if the data has no part for validation.
        seed: of that split.
        sample_count: number of samples to draw for "sample".
        classes: of the masks. With more than two, mask files are maps of class numbers.
        numbers: masks of two classes may hold the class numbers 0 and 1; the masks themselves
            say whether they do.

    Raises:
        MissingFileError, InputError: no such folder or layout, or nothing to train on.
    """
    if data == SAMPLE:
        if classes > 2:
            raise InputError(
                f"Drawn samples have two classes. Received: {classes}. Give --data DIR."
            )
        return _divide(sample_listing(sample_count), validation_part, seed)
    parts = read_parts(data)
    if parts.train is None:
        raise InputError(
            f"Training needs a part to learn from. Received: {data} with validation or test "
            "samples only. Add train/ or train_set.txt, or give that part's own folder."
        )
    if classes > 2:
        parts = _each(parts, lambda listing: _as_labels(listing, data, classes))
    elif numbers and _holds_class_numbers(parts.train.sources):
        parts = _each(parts, lambda listing: with_person(listing, 1))
    if classes <= 2:
        parts = _each(parts, only_people)
    assert parts.train is not None  # it was there before
    if parts.validation is None:
        return _divide(parts.train, validation_part, seed)
    return Split(parts.train, parts.validation)


def read_all(data: str, part: str | None = None, person: int | None = None) -> Listing:
    """Find the samples of a data set to judge a model on.

    Args:
        data: a folder, or "sample" for drawn samples.
        part: "train", "validation", "test" or "all". If omitted, what no training on this data
            set has learnt from: its test part, else its validation part, else everything.
        person: the person's number, where masks hold class numbers.

    Raises:
        MissingFileError, InputError: no such folder, layout or part.
    """
    if part is not None and part not in PARTS:
        raise InputError(f"A part is one of {', '.join(PARTS)}. Received: {part!r}.")
    if data == SAMPLE:
        return sample_listing(SAMPLE_COUNT // 10, seed=1)
    parts = read_parts(data)
    found = {TRAIN: parts.train, VALIDATION: parts.validation, TEST: parts.test}
    if part == "all":
        listing = _joined([one for one in found.values() if one is not None])
    elif part is None:
        listing = parts.test or parts.validation or parts.train
    else:
        listing = found[part]
    if listing is None:
        known = ", ".join(name for name, one in found.items() if one is not None)
        raise InputError(f"{data} has no part {part!r}. It has: {known}.")
    return only_people(listing if person is None else with_person(listing, person))


def read_everything(
    source: str | Path | None, layout: str, person: int | None, count: int, seed: int
) -> Parts:
    """Find all samples of a data set, in its parts, to write them in another layout.

    Args:
        source: its folder; not for drawn samples.
        layout: a name of `LAYOUTS`, or "sample".
        person: the person's number, where masks hold class numbers.
        count, seed: of drawn samples.

    Raises:
        MissingFileError, InputError: no such folder or layout.
    """
    if layout == SAMPLE:
        return Parts(sample_listing(count, seed))
    if source is None:
        raise InputError(f"Layout {layout} needs a source folder.")
    parts = read_parts(source, layout)
    if person is not None:
        parts = _each(parts, lambda listing: with_person(listing, person))
    return _each(parts, only_people)


def held_out(listing: Listing, part: float, seed: int) -> Listing:
    """The samples that a training run on data in one piece holds out.

    Args:
        listing: of the whole data set.
        part: fraction that is held out.
        seed: of the run.
    """
    validation = _divide(listing, part, seed).validation
    return Listing(validation.sources, (), f"what seed {seed} holds out")


def with_person(listing: Listing, person: int) -> Listing:
    """The same samples, with masks that hold class numbers, of which one is the person's.

    Raises:
        InputError: samples that are not files.
    """
    if not 0 <= person < IGNORED:
        raise InputError(f"A class's number is 0 to {IGNORED - 1}. Received: {person}.")
    return _changed(listing, "Masks of class numbers are files beside images.", person=person)


def _as_labels(listing: Listing, data: str, classes: int) -> Listing:
    rule = f"Masks of {classes} classes are files beside images: {data}."
    return _changed(listing, rule, classes=classes)


def _changed(listing: Listing, rule: str, **changes: int) -> Listing:
    files = [source for source in listing.sources if isinstance(source, FileSource)]
    if len(files) < len(listing.sources):
        raise InputError(rule)
    return replace(listing, sources=[replace(source, **changes) for source in files])


def _holds_class_numbers(sources: Sequence[SampleSource]) -> bool:
    """Whether masks hold the numbers 0 and 1, and 255 where no class is stated."""
    files = [s for s in sources if isinstance(s, FileSource) and s.alpha_channel is None]
    if not files or files[0].person is not None:
        return False
    places = np.unique(np.linspace(0, len(files) - 1, min(LOOKED_AT, len(files))).round())
    counts = np.zeros(IGNORED + 1, np.int64)
    for place in places.astype(int):
        try:
            numbers = _numbers_or_matte(files[place])
        except (ValueError, OSError):
            continue  # a lossy file, say; the check of the samples names what is broken
        counts += np.bincount(numbers.ravel().clip(0, IGNORED), minlength=IGNORED + 1)
    # a mask of 0 and 255 may have a stray 1; 255 around outlines is never most of the people
    return not counts[2:IGNORED].any() and counts[1] > 0.1 * counts[IGNORED]


def _numbers_or_matte(source: FileSource) -> np.ndarray:
    """A file's class numbers; a matte as 0 and 255, whatever the order of its palette."""
    with contextlib.suppress(ValueError):
        alpha = read_alpha(source.alpha_path)
        check_matte(source.identifier, alpha)
        return np.where(alpha > 127, IGNORED, 0)
    return read_class_map(source.alpha_path)


def _each(parts: Parts, change: Callable[[Listing], Listing]) -> Parts:
    listings = (parts.train, parts.validation, parts.test)
    return Parts(*(None if listing is None else change(listing) for listing in listings))


def _joined(listings: Sequence[Listing]) -> Listing:
    listings = told_apart(listings)
    return Listing(
        [source for listing in listings for source in listing.sources],
        [problem for listing in listings for problem in listing.problems],
        ", ".join(listing.origin for listing in listings),
    )


def told_apart(listings: Sequence[Listing]) -> list[Listing]:
    """The same samples under names of their own: published parts number theirs from 1 again."""
    count = Counter(s.identifier for listing in listings for s in listing.sources)
    taken: set[str] = set()

    def named(source: Any, origin: str) -> Any:
        name = source.identifier
        if count[name] > 1 and len(listings) > 1:
            name = f"{Path(origin).stem}_{name}"
        name = unique(name, taken)
        return source if name == source.identifier else replace(source, identifier=name)

    return [
        replace(listing, sources=[named(source, listing.origin) for source in listing.sources])
        for listing in listings
    ]


def _divide(listing: Listing, part: float, seed: int) -> Split:
    count = len(listing.sources)
    held = max(1, round(count * part)) if count > 1 else 0
    validation, training = divide(listing.sources, held, seed)
    return Split(
        Listing(training, listing.problems, listing.origin),
        Listing(validation, (), f"{listing.origin}, held out by seed {seed}"),
    )
