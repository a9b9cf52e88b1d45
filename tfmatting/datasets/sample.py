"""What every reader gives: samples, loaded late, and a list of what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from tfmatting.imaging.io import ImageError, read_alpha, read_image


@dataclass(frozen=True)
class Sample:
    """A portrait with its truth.

    Attributes:
        identifier: unique in its data set; names output files.
        image: uint8 [H, W, 3] RGB.
        alpha: uint8 [H, W], 255 = foreground.
        trimap: uint8 [H, W] of 0, 128, 255, where the data set brings one.
        earlier_alpha: uint8 [H, W] of the frame before, in clips.
    """

    identifier: str
    image: np.ndarray
    alpha: np.ndarray
    trimap: np.ndarray | None = None
    earlier_alpha: np.ndarray | None = None


class SampleSource(Protocol):
    """A sample that is not loaded yet."""

    @property
    def identifier(self) -> str: ...

    def load(self) -> Sample: ...


@dataclass(frozen=True)
class Problem:
    """Something of a data set that cannot be used, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Listing:
    """What a reader found."""

    sources: Sequence[SampleSource]
    problems: Sequence[Problem] = ()


@dataclass(frozen=True)
class FileSource:
    """A sample in files: an image, its alpha, and perhaps a trimap.

    With more than two `classes` the alpha file is a map of class numbers.
    """

    identifier: str
    image_path: Path
    alpha_path: Path
    trimap_path: Path | None = None
    alpha_channel: int | None = None
    classes: int = 2

    def load(self) -> Sample:
        """Read and check the files.

        Raises:
            ImageError, FileNotFoundError: see `check_sample` and `imaging.io`.
        """
        image = read_image(self.image_path)
        alpha = read_alpha(self.alpha_path, self.alpha_channel)
        if self.classes > 2:
            check_labels(self.identifier, alpha, self.classes)
            return Sample(self.identifier, image, alpha)
        trimap = read_alpha(self.trimap_path) if self.trimap_path else None
        sample = Sample(self.identifier, image, alpha, trimap)
        check_sample(sample)
        return sample


def check_sample(sample: Sample) -> None:
    """Refuse what would train or score wrongly without a word.

    Raises:
        ImageError: sizes that differ, or an alpha that is all 0, all 255, or on a 0..1 scale.
    """
    size = sample.image.shape[:2]
    for name, map_ in (("alpha", sample.alpha), ("trimap", sample.trimap)):
        if map_ is not None and map_.shape != size:
            raise ImageError(
                f"Image and {name} must have one size. Received: {sample.identifier} with image "
                f"{size} and {name} {map_.shape}."
            )
    low, high = int(sample.alpha.min()), int(sample.alpha.max())
    if high == 0 or low == 255:
        raise ImageError(
            f"An alpha must hold foreground and background. Received: {sample.identifier}, all "
            f"{high}."
        )
    if high == 1:
        raise ImageError(
            f"An alpha runs from 0 to 255. Received: {sample.identifier} with values 0 and 1. "
            "Multiply the mask by 255."
        )


def check_labels(identifier: str, labels: np.ndarray, classes: int) -> None:
    """Refuse a map of class numbers that trains wrongly.

    Raises:
        ImageError: numbers outside the classes, or one class alone.
    """
    highest = int(labels.max())
    if highest >= classes:
        raise ImageError(
            f"A mask of {classes} classes holds 0 to {classes - 1}. Received: {identifier} with "
            f"{highest}. Give --classes {highest + 1}, or renumber the mask."
        )
    if labels.min() == highest:
        raise ImageError(
            f"A mask must hold at least two classes. Received: {identifier}, all {highest}."
        )
