"""Finds the samples of a data set: a folder of any known layout, or drawn samples."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmatting.datasets.readers import find_layout
from tfmatting.datasets.readers.lfm_lists import read_list
from tfmatting.datasets.sample import FileSource, Listing
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.errors import InputError

SAMPLE = "sample"
SAMPLE_COUNT = 240


@dataclass(frozen=True)
class Split:
    """Samples for training and samples for validation."""

    train: Listing
    validation: Listing


def read_split(
    data: str, *, validation_part: float, seed: int, sample_count: int, classes: int = 2
) -> Split:
    """Find the training and validation samples of a data set.

    The split of the folder is used if it has one: `train/` and `val/`, or `train_set.txt` and
    `val_set.txt`. Otherwise a random part, given by the seed, is held out.

    Args:
        data: a folder, or "sample" for drawn samples.
        validation_part: fraction to hold out if the data has no split.
        seed: of that split.
        sample_count: number of samples to draw for "sample".
        classes: of the masks. With more than two, mask files are maps of class indices.

    Raises:
        MissingFileError, InputError: see `find_layout`.
    """
    if classes > 2:
        return _multiclass(data, validation_part, seed, classes)
    if data == SAMPLE:
        return _divide(sample_listing(sample_count), validation_part, seed)
    root = Path(data)
    if (root / "train").is_dir() and (root / "val").is_dir():
        return Split(_read(root / "train"), _read(root / "val"))
    lists = root / "train_set.txt", root / "val_set.txt"
    if all(path.is_file() for path in lists):
        return Split(*(read_list(path) for path in lists))
    return _divide(_read(root), validation_part, seed)


def read_all(data: str) -> Listing:
    """Find all samples of a data set, or only the validation samples if it has `val/`."""
    if data == SAMPLE:
        return sample_listing(SAMPLE_COUNT // 10, seed=1)
    root = Path(data)
    return _read(root / "val" if (root / "val").is_dir() else root)


def _read(root: Path) -> Listing:
    return find_layout(root).read(root)


def _divide(listing: Listing, part: float, seed: int) -> Split:
    count = len(listing.sources)
    order = np.random.default_rng(seed).permutation(count)
    held_out = max(1, round(count * part)) if count > 1 else 0
    validation = [listing.sources[index] for index in sorted(order[:held_out])]
    training = [listing.sources[index] for index in sorted(order[held_out:])]
    return Split(Listing(training, listing.problems), Listing(validation))


def _multiclass(data: str, part: float, seed: int, classes: int) -> Split:
    """Read the split of a data set whose masks are maps of class indices."""
    if data == SAMPLE:
        raise InputError(f"Drawn samples have two classes. Received: {classes}. Give --data DIR.")
    split = read_split(data, validation_part=part, seed=seed, sample_count=0)

    def as_multiclass(listing: Listing) -> Listing:
        for source in listing.sources:
            if not isinstance(source, FileSource):
                raise InputError(f"Masks of {classes} classes are files beside images: {data}.")
        sources = [
            dataclasses.replace(source, classes=classes)
            for source in listing.sources
            if isinstance(source, FileSource)
        ]
        return Listing(sources, listing.problems)

    return Split(as_multiclass(split.train), as_multiclass(split.validation))
