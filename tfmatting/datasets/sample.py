"""Samples, which are loaded on demand, and the listings that readers return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from tfmatting.imaging.io import ImageError, read_alpha, read_image


@dataclass(frozen=True)
class Sample:
    """A portrait with its ground truth.

    Attributes:
        identifier: unique in its data set; used in the names of output files.
        image: uint8 [H, W, 3] RGB.
        alpha: uint8 [H, W], 255 = foreground.
        trimap: uint8 [H, W] of 0, 128, 255, if the data set has one.
        earlier_alpha: uint8 [H, W], the alpha of the previous frame, in clips.
    """

    identifier: str
    image: np.ndarray
    alpha: np.ndarray
    trimap: np.ndarray | None = None
    earlier_alpha: np.ndarray | None = None


class SampleSource(Protocol):
    """A sample that has not been loaded."""

    @property
    def identifier(self) -> str: ...

    def load(self) -> Sample: ...


@dataclass(frozen=True)
class Problem:
    """A file or line of a data set that cannot be used, and the reason."""

    path: str
    reason: str


@dataclass(frozen=True)
class Listing:
    """The samples that a reader found, and the problems."""

    sources: Sequence[SampleSource]
    problems: Sequence[Problem] = ()


@dataclass(frozen=True)
class FileSource:
    """A sample stored in files: an image, its alpha, and optionally a trimap.

    With more than two `classes`, the alpha file is a map of class indices.
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
            ImageError, MissingFileError: see `check_sample` and `tfmatting.imaging.io`.
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
    """Refuse a sample that would silently spoil training or evaluation.

    Raises:
        ImageError: different sizes, or an alpha that is all 0, all 255, or scaled to 0..1.
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
    """Refuse a map of class indices that would spoil training.

    Raises:
        ImageError: an index outside the classes, or a single class.
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
