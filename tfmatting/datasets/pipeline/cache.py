"""A cache of decoded samples."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence

import numpy as np

from tfmatting.config import Size
from tfmatting.datasets.augmentation.augment import NONE, resize_pair
from tfmatting.datasets.augmentation.composition import Pair
from tfmatting.datasets.pipeline.settings import PipelineSettings
from tfmatting.datasets.sample import SampleSource
from tfmatting.imaging.resize import resize


class DecodedCache:
    """Decoded samples by index, at the size for training, up to a memory limit.

    Several threads may use the cache at once. Samples beyond the limit are decoded each time.

    Args:
        sources: the samples.
        settings: the input size, the margin and the memory limit.
    """

    def __init__(self, sources: Sequence[SampleSource], settings: PipelineSettings):
        self._sources = sources
        margin = settings.cache_margin if settings.augmentation != NONE else 1.0
        height, width = settings.input_size
        self._largest = (math.ceil(height * margin), math.ceil(width * margin))
        self._labels = settings.multiclass
        self._budget = settings.cache_megabytes * 2**20
        self._pairs: dict[int, Pair] = {}
        self._earlier: dict[int, np.ndarray] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._sources)

    def __getitem__(self, index: int) -> Pair:
        return self.with_earlier(index)[0]

    def with_earlier(self, index: int) -> tuple[Pair, np.ndarray | None]:
        """Return a pair, and the alpha of the previous frame if the sample follows one."""
        pair = self._pairs.get(index)
        if pair is not None:
            return pair, self._earlier.get(index)
        sample = self._sources[index].load()
        pair, earlier = (sample.image, sample.alpha), sample.earlier_alpha
        smaller = self._smaller(sample.alpha.shape)
        if smaller != sample.alpha.shape:
            pair = resize_pair(*pair, smaller, labels=self._labels)
            earlier = None if earlier is None else resize(earlier, smaller)
        self._keep(index, pair, earlier)
        return pair, earlier

    def _keep(self, index: int, pair: Pair, earlier: np.ndarray | None) -> None:
        size = sum(array.nbytes for array in (*pair, earlier) if array is not None)
        with self._lock:
            if self._budget < size:
                return
            self._budget -= size
            if earlier is not None:  # before the pair, which other threads look for
                self._earlier[index] = earlier
            self._pairs[index] = pair

    def _smaller(self, size: Size) -> Size:
        """The smallest size of the same proportions with neither side below the target's."""
        scale = max(side / whole for side, whole in zip(self._largest, size, strict=True))
        return size if scale >= 1 else (round(size[0] * scale), round(size[1] * scale))
