"""A cache of decoded samples."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfmatting.config import Size
from tfmatting.datasets.augmentation.augment import NONE, resize_pair
from tfmatting.datasets.augmentation.composition import Pair
from tfmatting.datasets.pipeline.settings import PipelineSettings
from tfmatting.datasets.sample import Sample, SampleSource
from tfmatting.imaging.class_maps import IGNORED
from tfmatting.imaging.resize import AREA, resize, resize_labels
from tfmatting.imaging.trimap import to_classes

NOT_MARKED = 3
"""A pixel without a given trimap; below are the trimap's classes."""


@dataclass(frozen=True)
class Decoded:
    """A sample at the size for training.

    Attributes:
        pair: image uint8 [H, W, 3] and alpha uint8 [H, W], or class numbers.
        earlier: alpha of the previous frame, uint8 [H, W], if the sample follows one.
        marks: what the data set states beside alpha, if anything: uint8 [H, W] with the classes
            of a given trimap, `NOT_MARKED`, or `IGNORED` where no class is stated.
    """

    pair: Pair
    earlier: np.ndarray | None = None
    marks: np.ndarray | None = None

    @property
    def nbytes(self) -> int:
        """Memory of the arrays."""
        arrays = (*self.pair, self.earlier, self.marks)
        return sum(array.nbytes for array in arrays if array is not None)


class DecodedCache:
    """Decoded samples by index, at the size for training, up to a memory limit.

    Several threads may use the cache at once. Samples beyond the limit are decoded each time.

    Args:
        sources: the samples.
        settings: the input size, the margin, the memory limit, and whether given trimaps count.
    """

    def __init__(self, sources: Sequence[SampleSource], settings: PipelineSettings):
        self._sources = sources
        margin = settings.cache_margin if settings.augmentation != NONE else 1.0
        height, width = settings.input_size
        self._largest = (math.ceil(height * margin), math.ceil(width * margin))
        # crops count pixels of the photo, and the cubic rule is applied once
        self._whole = bool(settings.augmentation.crops) or settings.resizing != AREA
        self._labels = settings.multiclass
        self._trimaps = settings.given_trimaps
        self._budget = settings.cache_megabytes * 2**20
        self._kept: dict[int, Decoded] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._sources)

    def __getitem__(self, index: int) -> Pair:
        return self.decoded(index).pair

    def decoded(self, index: int) -> Decoded:
        """Return a pair with all that goes with it."""
        kept = self._kept.get(index)
        if kept is not None:
            return kept
        sample = self._sources[index].load()
        pair, earlier, marks = (sample.image, sample.alpha), sample.earlier_alpha, None
        if not self._labels:
            marks = _marks(sample, self._trimaps)
        smaller = self._smaller(sample.alpha.shape)
        if smaller != sample.alpha.shape:
            pair = resize_pair(*pair, smaller, labels=self._labels)
            earlier = None if earlier is None else resize(earlier, smaller)
            marks = None if marks is None else resize_labels(marks, smaller)
        decoded = Decoded(pair, earlier, marks)
        with self._lock:
            if self._budget >= decoded.nbytes:
                self._budget -= decoded.nbytes
                self._kept[index] = decoded
        return decoded

    def _smaller(self, size: Size) -> Size:
        """The smallest size of the same proportions with neither side below the target's."""
        if self._whole:
            return size
        scale = max(side / whole for side, whole in zip(self._largest, size, strict=True))
        return size if scale >= 1 else (round(size[0] * scale), round(size[1] * scale))


def _marks(sample: Sample, trimaps: bool) -> np.ndarray | None:
    """A given trimap and ignored pixels in one map; None without either."""
    trimap = sample.trimap if trimaps else None
    if trimap is None and sample.ignored is None:
        return None
    if trimap is None:
        marks = np.full(sample.alpha.shape, NOT_MARKED, np.uint8)
    else:
        marks = to_classes(trimap)
    if sample.ignored is not None:
        marks[sample.ignored] = IGNORED
    return marks
