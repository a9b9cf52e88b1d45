"""Frames judged in order: the model sees a clip as a video, and flicker is counted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tfmatting.datasets.sample import Sample, SampleSource
from tfmatting.inference import Predictor
from tfmatting.inference.predictor import Stream
from tfmatting.metrics.temporal import dtssd_step, messddt_step, optical_flow

TEMPORAL = ("dtssd", "messddt")


@dataclass
class ClipJudge:
    """Mattes samples in the order of a listing, and compares neighbouring frames of a clip.

    Attributes:
        predictor: the model.
        steps: figures of every pair of frames so far, by metric.
    """

    predictor: Predictor
    steps: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in TEMPORAL})
    _clip: str | None = None
    _stream: Stream | None = None
    _before: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None

    def alpha(self, source: SampleSource, sample: Sample) -> np.ndarray:
        """The matte of the next sample; frames of a clip are seen in one stream."""
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

    def means(self) -> dict[str, float]:
        """Mean figures of all pairs of frames; empty where there were none."""
        return {name: float(np.mean(values)) for name, values in self.steps.items() if values}
