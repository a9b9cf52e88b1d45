"""Judges the frames of a clip in order: the model sees a video, and flicker is measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from tfmatting.datasets.sample import Sample, SampleSource
from tfmatting.metrics.temporal import dtssd_step, messddt_step, optical_flow

TEMPORAL = ("dtssd", "messddt")


class FrameJudged(Protocol):
    """Mattes the frames of one clip in order."""

    def alpha(self, frame: np.ndarray, /) -> np.ndarray: ...


class Judged(Protocol):
    """What a model must do to be judged; `Predictor` does it."""

    def alpha(self, image: np.ndarray, /) -> np.ndarray:
        """Map uint8 [H, W, 3] to float32 [H, W] in [0, 1]."""
        ...

    def stream(self) -> FrameJudged:
        """Begin a clip."""
        ...


@dataclass
class ClipJudge:
    """Mattes samples in the order of a listing, and compares consecutive frames of a clip.

    Attributes:
        predictor: the model.
        steps: the figures of every pair of frames so far, by metric.
    """

    predictor: Judged
    steps: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in TEMPORAL})
    _clip: str | None = None
    _stream: FrameJudged | None = None
    _before: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None

    def alpha(self, source: SampleSource, sample: Sample) -> np.ndarray:
        """Return the matte of the next sample; the frames of a clip go through one stream."""
        clip = getattr(source, "clip", None)
        if clip is None:
            self._clip = self._stream = self._before = None
            return self.predictor.alpha(sample.image)
        if clip != self._clip or self._stream is None:
            self._clip, self._stream, self._before = clip, self.predictor.stream(), None
        alpha = self._stream.alpha(sample.image)
        truth = sample.alpha.astype(np.float32) / 255
        follows = getattr(source, "earlier_path", None) is not None
        if follows and self._before is not None and self._before[1].shape == alpha.shape:
            image, pred, true = self._before
            pairs = (pred, alpha, true, truth)
            self.steps["dtssd"].append(dtssd_step(*pairs))
            flow = optical_flow(image, sample.image)
            self.steps["messddt"].append(messddt_step(*pairs, flow))
        self._before = sample.image, alpha, truth
        return alpha
