"""Measures a live run: frames a second, and the milliseconds of the network and of a frame."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

REPORT_SECONDS = 1.0
"""How often the shown figures change."""


class Meter:
    """Counts frames and measures what they take.

    Attributes:
        frames: how many so far.
        note: the figures of the last `REPORT_SECONDS`, for the window.
    """

    def __init__(self):
        self.frames = 0
        self.note = ""
        self._start = self._reported_at = time.perf_counter()
        self._frame = self._inference = 0.0
        self._reported = (0, 0.0, 0.0)

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.perf_counter() - self._start

    @property
    def inference_milliseconds(self) -> float:
        """What the network takes for a frame on average."""
        return 1000 * self._inference / max(self.frames, 1)

    @property
    def frame_milliseconds(self) -> float:
        """What a frame takes on average, without the wait for the camera."""
        return 1000 * self._frame / max(self.frames, 1)

    @contextlib.contextmanager
    def frame(self) -> Iterator[None]:
        """Measure a frame and count it."""
        start = time.perf_counter()
        yield
        self._frame += time.perf_counter() - start
        self.frames += 1
        if self.frames == 1 or time.perf_counter() - self._reported_at >= REPORT_SECONDS:
            self._report()

    @contextlib.contextmanager
    def inference(self) -> Iterator[None]:
        """Measure the network within a frame."""
        start = time.perf_counter()
        yield
        self._inference += time.perf_counter() - start

    def _report(self) -> None:
        frames, inference, frame = self._reported
        count, now = self.frames - frames, time.perf_counter()
        self.note = (
            f"{count / (now - self._reported_at):.0f} frames/s, "
            f"inference {1000 * (self._inference - inference) / count:.0f} ms, "
            f"frame {1000 * (self._frame - frame) / count:.0f} ms"
        )
        self._reported, self._reported_at = (self.frames, self._inference, self._frame), now
