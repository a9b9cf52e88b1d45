"""Finds the samples of a data set: a folder of any known layout, or drawn samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tfmatting.datasets.class_numbers import (
    as_labels,
    as_numbers,
    holds_class_numbers,
    of_two_numbers,
    with_ignored,
    with_person,
)
from tfmatting.datasets.division import divide
from tfmatting.datasets.matching import unique
from tfmatting.datasets.names import PARTS, SAMPLE, TEST, TRAIN, VALIDATION
from tfmatting.datasets.parts import read_parts
from tfmatting.datasets.readers.voc import only_people
from tfmatting.datasets.sample import Listing, Parts
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.errors import InputError

SAMPLE_COUNT = 240
VALIDATION_PART = 0.1
"""What is held out of data in one piece, where a recipe says nothing else."""


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
    ignored: int | None = None,
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
        ignored: the number that states no class; see `with_ignored`.

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
    if ignored is not None:
        parts = _each(parts, lambda listing: with_ignored(listing, ignored))
    if classes > 2:
        parts = _each(parts, lambda listing: as_labels(listing, data, classes))
    elif numbers and holds_class_numbers(parts.train.sources):
        parts = _each(parts, lambda listing: with_person(listing, 1))
    elif ignored is not None:
        parts = _each(parts, of_two_numbers)
    if classes <= 2:
        parts = _each(parts, only_people)
    assert parts.train is not None  # it was there before
    if parts.validation is None:
        return _divide(parts.train, validation_part, seed)
    return Split(parts.train, parts.validation)


def read_all(
    data: str, part: str | None = None, person: int | None = None, ignored: int | None = None
) -> Listing:
    """Find the samples of a data set to judge a model on.

    Args:
        data: a folder, or "sample" for drawn samples.
        part: "train", "validation", "test" or "all". If omitted, what no training on this data
            set has learnt from: its test part, else its validation part, else everything.
        person: the person's number, where masks hold class numbers.
        ignored: the number that states no class; see `with_ignored`.

    Raises:
        MissingFileError, InputError: no such folder, layout or part.
    """
    if data == SAMPLE:
        return sample_listing(SAMPLE_COUNT // 10, seed=1)
    return only_people(as_numbers(_judged(data, part), person, ignored))


def read_labels(
    data: str, classes: int, part: str | None = None, ignored: int | None = None
) -> Listing:
    """Find the samples of a data set to judge all classes of a model on.

    Args:
        data: a folder whose masks are maps of class numbers.
        classes: how many there are.
        part, ignored: as of `read_all`.

    Raises:
        MissingFileError, InputError: no such folder, layout or part.
    """
    listing = _judged(data, part)
    if ignored is not None:
        listing = with_ignored(listing, ignored)
    return as_labels(listing, data, classes)


def _judged(data: str, part: str | None) -> Listing:
    """A part of a data set; if none is named, one that no training on it has learnt from."""
    if part is not None and part not in PARTS:
        raise InputError(f"A part is one of {', '.join(PARTS)}. Received: {part!r}.")
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
    return listing


def read_everything(
    source: str | Path | None,
    layout: str,
    person: int | None,
    count: int,
    seed: int,
    ignored: int | None = None,
) -> Parts:
    """Find all samples of a data set, in its parts, to write them in another layout.

    Args:
        source: its folder; not for drawn samples.
        layout: a name of `LAYOUTS`, or "sample".
        person: the person's number, where masks hold class numbers.
        count, seed: of drawn samples.
        ignored: the number that states no class; see `with_ignored`.

    Raises:
        MissingFileError, InputError: no such folder or layout.
    """
    if layout == SAMPLE:
        return Parts(sample_listing(count, seed))
    if source is None:
        raise InputError(f"Layout {layout} needs a source folder.")
    parts = read_parts(source, layout)
    parts = _each(parts, lambda listing: as_numbers(listing, person, ignored))
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
