"""What is behind the person in a video: one still background, or another video."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np

from tfmatting.imaging.background import (
    Background,
    Picture,
    as_background,
    parse_background,
)
from tfmatting.imaging.io import IMAGE_SUFFIXES
from tfmatting.imaging.resize import resize
from tfmatting.video.reader import Frame, VideoReader

MOST_WIDER = 2


class TimedBackground(Protocol):
    """Gives a still background for each time of a video.

    Attributes:
        opaque: whether the result has no transparency.
    """

    opaque: bool

    @property
    def problems(self) -> list[str]:
        """What could not be read so far, one line each."""
        ...

    def fit(self, pixel_aspect: Fraction) -> None:
        """Undo, before the first picture, the shape (width over height) of a film's pixels."""
        ...

    def at(self, seconds: float) -> Background:
        """Return the background at a time; times must not decrease."""
        ...

    def close(self) -> None:
        """Release the file."""
        ...


class StillBackground:
    """The same background at all times."""

    def __init__(self, background: Background):
        self._background = background
        self.opaque = background.opaque

    @property
    def problems(self) -> list[str]:
        """A picture was read when it was given."""
        return []

    def fit(self, pixel_aspect: Fraction) -> None:
        if isinstance(self._background, Picture):
            self._background = _stretched(self._background.pixels, 1 / pixel_aspect)

    def at(self, seconds: float) -> Background:
        return self._background

    def close(self) -> None:
        pass


class VideoBackground:
    """The frames of a video by time; at its end it starts again.

    Frames are read forwards, and one is kept in memory.

    Args:
        path: the video.

    Raises:
        MissingFileError, InputError: see `VideoReader`.
    """

    opaque = True

    def __init__(self, path: Path):
        self._reader = VideoReader(path)
        self._frames = self._reader.frames()
        self._frame = next(self._frames)
        self._next: Frame | None = self._frame
        self._loop_start = 0.0
        self._stretch = self._reader.facts.geometry.upright().pixel_aspect

    @property
    def problems(self) -> list[str]:
        """What could not be read, each line once however often the video has looped."""
        return [f"background: {line}" for line in dict.fromkeys(self._reader.problems)]

    def fit(self, pixel_aspect: Fraction) -> None:
        """See `TimedBackground.fit`; its own pixels may have another shape."""
        self._stretch /= pixel_aspect

    def at(self, seconds: float) -> Background:
        """Return the frame shown at a time as a still background; times must not decrease."""
        while self._next is not None and self._seconds(self._next) <= seconds:
            self._frame = self._next
            self._next = next(self._frames, None)
            if self._next is None:
                frame_seconds = float(1 / self._reader.facts.frame_rate)
                self._loop_start = self._seconds(self._frame) + frame_seconds
                self._frames = self._reader.frames()
                self._next = next(self._frames, None)
        return _stretched(self._frame.pixels, self._stretch)

    def close(self) -> None:
        self._reader.close()

    def _seconds(self, frame: Frame) -> float:
        units = frame.pts - self._reader.first_pts
        return self._loop_start + units * float(self._reader.facts.time_base)


def _stretched(pixels: np.ndarray, factor: Fraction) -> Picture:
    """A picture that is wider by a factor, uint8 [h, w, 3]; in memory at most by `MOST_WIDER`."""
    height, width = pixels.shape[:2]
    if factor > MOST_WIDER:
        return Picture(resize(pixels, (max(1, round(height / factor)), width)))
    return Picture(resize(pixels, (height, max(1, round(width * factor)))))


def open_background(
    background: str | Path | np.ndarray | Background, blur_strength: float = 0.02
) -> TimedBackground:
    """Open what goes behind the person of a video.

    Args:
        background: "transparent", "blur", "#rrggbb", the path of a picture or a video, a uint8
            array [H, W, 3], or a `Background`.
        blur_strength: sigma of the blur as a fraction of the longer side.

    Raises:
        InputError: none of these, or a blur strength outside (0, 1].
    """
    if not isinstance(background, (str, Path)):
        return StillBackground(as_background(background))
    path = Path(background)
    if path.is_file() and path.suffix.lower() not in IMAGE_SUFFIXES:
        return VideoBackground(path)
    return StillBackground(parse_background(str(background), blur_strength, moving=True))
