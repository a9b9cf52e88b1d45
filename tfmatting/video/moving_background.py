"""A video behind the person: its frame of the same time, from the start again at its end."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tfmatting.video.reader import Frame, VideoReader


class MovingBackground:
    """Frames of a video by time, read forwards and looped; one frame is kept.

    Args:
        path: the video.

    Raises:
        FileNotFoundError, ValueError: see `VideoReader`.
    """

    def __init__(self, path: Path):
        self._reader = VideoReader(path)
        self._frames = self._reader.frames()
        self._frame = next(self._frames)
        self._next: Frame | None = self._frame
        self._loops_from = 0.0
        self._time = float(self._reader.facts.time_base)
        self._start = self._frame.pts

    def at(self, seconds: float) -> np.ndarray:
        """The picture shown at a time, uint8 [H, W, 3]; times must not go backwards."""
        while self._next is not None and self._seconds(self._next) <= seconds:
            self._frame = self._next
            self._next = next(self._frames, None)
            if self._next is None:
                rate = self._reader.facts.frame_rate
                self._loops_from = self._seconds(self._frame) + float(1 / rate)
                self._frames = self._reader.frames()
                self._next = next(self._frames, None)
        return self._frame.pixels

    def close(self) -> None:
        """Close the file."""
        self._reader.container.close()

    def _seconds(self, frame: Frame) -> float:
        return self._loops_from + (frame.pts - self._start) * self._time
