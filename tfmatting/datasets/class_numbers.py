"""Masks that hold class numbers instead of an alpha, and what their numbers mean."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tfmatting.datasets.masks import check_matte
from tfmatting.datasets.sample import FileSource, Listing, SampleSource
from tfmatting.errors import InputError
from tfmatting.imaging.class_maps import IGNORED, read_class_map
from tfmatting.imaging.io import read_alpha

LOOKED_AT = 32
"""So many masks, spread over the data set, tell whether they hold class numbers 0 and 1."""


def with_person(listing: Listing, person: int) -> Listing:
    """The same samples, with masks that hold class numbers, of which one is the person's.

    Raises:
        InputError: samples that are not files.
    """
    if not 0 <= person < IGNORED:
        raise InputError(f"A class's number is 0 to {IGNORED - 1}. Received: {person}.")
    return _changed(listing, "Masks of class numbers are files beside images.", person=person)


def with_ignored(listing: Listing, ignored: int) -> Listing:
    """The same samples, with masks in which a number of its own states no class.

    Raises:
        InputError: samples that are not files, or no number of a class.
    """
    if not 0 <= ignored <= IGNORED:
        raise InputError(f"A number without a class is 0 to {IGNORED}. Received: {ignored}.")
    if any(getattr(source, "alpha_channel", None) is not None for source in listing.sources):
        raise InputError(
            "Mattes in an alpha channel hold no numbers, so none of them can be left out. "
            f"Received: --ignore {ignored}. Leave it out."
        )
    return _changed(listing, "Masks of class numbers are files beside images.", ignored=ignored)


def as_numbers(listing: Listing, person: int | None, ignored: int | None) -> Listing:
    """The same samples, with the person and what states no class as numbers, where given."""
    if ignored is not None:
        listing = with_ignored(listing, ignored)
    if person is not None:
        return with_person(listing, person)
    return listing if ignored is None else of_two_numbers(listing)


def of_two_numbers(listing: Listing) -> Listing:
    """Masks of 0 and 255 beside a number that states nothing, which no matte could say."""
    return replace(
        listing,
        sources=[
            replace(source, person=IGNORED)
            if isinstance(source, FileSource) and source.person is None
            else source
            for source in listing.sources
        ],
    )


def as_labels(listing: Listing, data: str, classes: int) -> Listing:
    """The same samples, with masks that are maps of all classes.

    Raises:
        InputError: samples that are not files.
    """
    rule = f"Masks of {classes} classes are files beside images: {data}."
    return _changed(listing, rule, classes=classes)


def _changed(listing: Listing, rule: str, **changes: int) -> Listing:
    files = [source for source in listing.sources if isinstance(source, FileSource)]
    if len(files) < len(listing.sources):
        raise InputError(rule)
    return replace(listing, sources=[replace(source, **changes) for source in files])


def holds_class_numbers(sources: Sequence[SampleSource]) -> bool:
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
    if files[0].ignored != IGNORED:
        counts[files[0].ignored] = 0
    # a mask of 0 and 255 may have a stray 1; 255 around outlines is never most of the people
    return not counts[2:IGNORED].any() and counts[1] > 0.1 * counts[IGNORED]


def _numbers_or_matte(source: FileSource) -> np.ndarray:
    """A file's class numbers; a matte as 0 and 255, whatever the order of its palette."""
    with contextlib.suppress(ValueError):
        alpha = read_alpha(source.alpha_path)
        check_matte(source.identifier, alpha)
        return np.where(alpha > 127, IGNORED, 0)
    return read_class_map(source.alpha_path)
