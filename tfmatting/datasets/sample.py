"""Samples, which are loaded on demand, and the listings that readers return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from tfmatting.datasets.masks import check_labels, check_matte, check_trimap
from tfmatting.imaging.class_maps import IGNORED, read_class_map
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
        ignored: bool [H, W], pixels that the data set states no class for, if there are any:
            losses and metrics leave them out.
    """

    identifier: str
    image: np.ndarray
    alpha: np.ndarray
    trimap: np.ndarray | None = None
    earlier_alpha: np.ndarray | None = None
    ignored: np.ndarray | None = None


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
    """The samples that a reader found, and the problems.

    Attributes:
        sources: the samples.
        problems: what cannot be used.
        origin: the part of the data set they are, as it is named there: "val_set.txt".
    """

    sources: Sequence[SampleSource]
    problems: Sequence[Problem] = ()
    origin: str = ""


@dataclass(frozen=True)
class Parts:
    """A data set in the parts that it was published in; None for a part that it has not.

    Attributes:
        train: to learn from; everything where the data set is in one piece.
        validation: to choose the best checkpoint by.
        test: to judge the result on; nothing learns from it.
    """

    train: Listing | None
    validation: Listing | None = None
    test: Listing | None = None

    @property
    def whole(self) -> bool:
        """Whether the data set is in one piece."""
        return self.validation is None and self.test is None


@dataclass(frozen=True)
class FileSource:
    """A sample stored in files: an image, its alpha, and optionally a trimap.

    Attributes:
        identifier: unique in its data set.
        image_path, alpha_path, trimap_path: the files.
        alpha_channel: of the alpha's file; None for a grey one.
        classes: with more than two, `alpha` of the sample is the file's map of class numbers.
        person: where the file holds class numbers, the person's; None where it holds an alpha.
        ignored: the number that states no class. 255 states none either, unless it is the
            person's.
        binarize: alpha above it becomes 255, and 0 elsewhere; None leaves alpha as it is.
    """

    identifier: str
    image_path: Path
    alpha_path: Path
    trimap_path: Path | None = None
    alpha_channel: int | None = None
    classes: int = 2
    person: int | None = None
    ignored: int = IGNORED
    binarize: int | None = None

    def load(self) -> Sample:
        """Read and check the files.

        Raises:
            ImageError, MissingFileError: see `check_sample` and `tfmatting.imaging.io`.
        """
        image = read_image(self.image_path)
        trimap = read_alpha(self.trimap_path) if self.trimap_path else None
        if self.classes > 2 or self.person is not None:
            sample = self._numbered(image, trimap)
        else:
            alpha = read_alpha(self.alpha_path, self.alpha_channel)
            if self.binarize is not None:
                alpha = np.where(alpha > self.binarize, 255, 0).astype(np.uint8)
            sample = Sample(self.identifier, image, alpha, trimap)
        check_sample(sample, self.alpha_path, labels=self.classes > 2)
        return sample

    def has_person(self) -> bool:
        """Whether the person's class is in the map of class numbers; true for an alpha."""
        return self.person is None or bool((read_class_map(self.alpha_path) == self.person).any())

    def _numbered(self, image: np.ndarray, trimap: np.ndarray | None) -> Sample:
        numbers = read_class_map(self.alpha_path)
        unstated = numbers == self.ignored
        if self.classes > 2:
            numbers[unstated] = IGNORED
            check_labels(self.identifier, numbers, self.classes)
            return Sample(self.identifier, image, numbers.astype(np.uint8))
        person = numbers == self.person
        ignored = unstated | (numbers == IGNORED) & ~person
        if not person.any():
            raise ImageError(
                f"A mask must hold the person, class {self.person}. Received: {self.alpha_path} "
                f"with {', '.join(map(str, np.unique(numbers)[:10]))}."
            )
        alpha = np.where(person, 255, 0).astype(np.uint8)
        return Sample(
            self.identifier, image, alpha, trimap, ignored=ignored if ignored.any() else None
        )


def check_sample(sample: Sample, path: Path | None = None, *, labels: bool = False) -> None:
    """Refuse a sample that would silently spoil training or evaluation.

    Args:
        sample: the sample.
        path: of the alpha's file, for messages.
        labels: alpha holds class numbers.

    Raises:
        ImageError: different sizes, or what `check_matte` and `check_trimap` refuse.
    """
    size = sample.image.shape[:2]
    for name, map_ in (("alpha", sample.alpha), ("trimap", sample.trimap)):
        if map_ is not None and map_.shape != size:
            raise ImageError(
                f"Image and {name} must have one size. Received: {sample.identifier} with image "
                f"{size} and {name} {map_.shape}."
            )
    if not labels:
        check_matte(sample.identifier, sample.alpha, path)
    if sample.trimap is not None:
        check_trimap(sample.identifier, sample.trimap)
