"""Reads any video that FFmpeg reads: its frames, its packets of sound, and facts of both."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from tfmatting.errors import InputError
from tfmatting.video.container import check_readable, import_av, reason_of

WARM_UP = 12
"""Frames before a later start that come along."""
EARLY_END = 1.0
"""Seconds that may be missing at a video's end before it is reported."""


@dataclass(frozen=True)
class Frame:
    """One decoded frame.

    Attributes:
        pixels: uint8 [H, W, 3] RGB in full range, upright.
        pts: its time in units of the stream's time base.
    """

    pixels: np.ndarray
    pts: int


@dataclass(frozen=True)
class VideoFacts:
    """What the output must keep of the input.

    Attributes:
        size: (height, width) as stored.
        rotation: degrees that players turn the stored picture by, counter-clockwise.
        frame_rate: average frames a second.
        time_base: seconds a pts unit.
        frames: how many the file says it has, else as many as its duration makes; 0 unknown.
        colour: range, primaries, transfer and matrix as FFmpeg's numbers.
    """

    size: tuple[int, int]
    rotation: int
    frame_rate: Fraction
    time_base: Fraction
    frames: int
    colour: dict[str, int]

    @property
    def upright_size(self) -> tuple[int, int]:
        """(height, width) as players show it."""
        height, width = self.size
        return (width, height) if self.rotation % 180 else (height, width)


class VideoReader:
    """An opened video file.

    Args:
        path: the file.

    Raises:
        FileNotFoundError, ValueError: no such file, no video, or no picture stream in it.
        ImportError: PyAV is missing.
    """

    def __init__(self, path: Path):
        self._av = import_av()
        check_readable(path)
        try:
            self.container = self._av.open(str(path))
        except self._av.error.FFmpegError as error:
            raise InputError(
                f"Not a video that FFmpeg can read: {path} ({reason_of(error)})"
            ) from error
        streams = [
            stream
            for stream in self.container.streams.video
            if not stream.disposition & self._av.stream.Disposition.attached_pic
        ]
        if not streams:
            self.container.close()
            raise InputError(f"A video has a picture stream. Received: {path} without one.")
        self.path = path
        self.stream = streams[0]
        self.stream.thread_type = "AUTO"
        self.sounds = list(self.container.streams.audio)
        self.problems: list[str] = []
        self._first = self._first_frame()
        self.facts = self._facts()

    def __enter__(self) -> VideoReader:
        return self

    def __exit__(self, *_) -> None:
        self.container.close()

    @property
    def first_pts(self) -> int:
        """The time of the first frame."""
        return self._first.pts or 0

    def frames(self, after: int | None = None) -> Iterator[Frame]:
        """Yield frames in order, from the first, or from a few before those after a time.

        What cannot be decoded ends the video there, or is left out; `problems` says so.

        Args:
            after: a pts; the `WARM_UP` frames before it come along for models that look back.
        """
        turns = self.facts.rotation // 90
        previous = None
        leading: deque = deque(maxlen=WARM_UP)
        for item in self._decoded(after):
            pts = item.pts if item.pts is not None else (previous or 0) + 1
            if previous is not None and pts <= previous:
                self.problems.append(f"frame at {pts}: not after the one before, left out")
                continue
            previous = pts
            leading.append((item, pts))
            if after is not None and pts <= after:
                continue
            while leading:
                frame, time = leading.popleft()
                yield Frame(np.ascontiguousarray(np.rot90(self._rgb(frame), turns)), time)
        self._check_end(previous)

    def sound_packets(self) -> Iterator[Any]:
        """Yield the packets of all sounds in the file's order."""
        if not self.sounds:
            return
        self.container.seek(0)
        try:
            for packet in self.container.demux(*self.sounds):
                if packet.dts is not None:
                    yield packet
        except self._av.error.FFmpegError as error:
            self.problems.append(f"the sound ends too early: {reason_of(error)}")

    def _decoded(self, after: int | None) -> Iterator[Any]:
        if after is None or not self._seek_before(after):
            self.container.seek(0)
        try:
            for packet in self.container.demux(self.stream):
                try:
                    yield from packet.decode()
                except self._av.error.InvalidDataError as error:
                    self.problems.append(f"packet at {packet.pts}: {reason_of(error)}")
        except self._av.error.FFmpegError as error:
            self.problems.append(f"the file ends too early: {reason_of(error)}")

    def _seek_before(self, after: int) -> bool:
        """Go to a key frame a little before a time, if the file allows it."""
        back = round(WARM_UP / (self.facts.frame_rate * self.facts.time_base))
        wanted = max(after - back, self.first_pts)
        try:
            self.container.seek(wanted, stream=self.stream)
            first = next(self.container.decode(self.stream), None)
            if first is None or first.pts is None or first.pts > wanted:
                return False
            self.container.seek(wanted, stream=self.stream)
        except self._av.error.FFmpegError:
            return False
        return True

    def _check_end(self, last: int | None) -> None:
        """Report a video that ends long before the file says it does."""
        seconds = self._stated_seconds()
        if last is None or seconds is None:
            return
        reached = float((last - self.first_pts) * self.facts.time_base)
        if seconds - reached > EARLY_END + float(2 / self.facts.frame_rate):
            self.problems.append(f"the video ends at {reached:.1f} of {seconds:.1f} seconds")

    def _stated_seconds(self) -> float | None:
        """How long the pictures last by the file's own words; None where it has none."""
        if self.stream.duration is not None:
            return float(self.stream.duration * self.stream.time_base)
        words = self.stream.metadata.get("DURATION", "").split(":")  # Matroska: 00:01:02.5
        if len(words) != 3:
            return None
        hours, minutes, seconds = map(float, words)
        return 3600 * hours + 60 * minutes + seconds

    def _first_frame(self):
        try:
            for frame in self.container.decode(self.stream):
                return frame
        except self._av.error.FFmpegError as error:
            raise InputError(
                f"Not a video that can be decoded: {self.path} ({reason_of(error)})"
            ) from error
        raise InputError(f"A video has at least one frame. Received: {self.path} with none.")

    def _facts(self) -> VideoFacts:
        stream, frame = self.stream, self._first
        rate = stream.average_rate or stream.guessed_rate or 25
        frames = stream.frames
        if not frames and self.container.duration:
            frames = round(float(self.container.duration / self._av.time_base * rate))
        return VideoFacts(
            size=(frame.height, frame.width),
            rotation=round(frame.rotation) % 360 // 90 * 90,
            frame_rate=Fraction(rate or 25),
            time_base=Fraction(stream.time_base or 0),
            frames=frames,
            colour={
                "color_range": int(frame.color_range),
                "color_primaries": int(frame.color_primaries),
                "color_trc": int(frame.color_trc),
                "colorspace": int(frame.colorspace),
            },
        )

    def _rgb(self, frame) -> np.ndarray:
        """Stored pixels to RGB at the first frame's size."""
        height, width = self.facts.size
        if (frame.height, frame.width) != (height, width):
            note = f"the size changes to {frame.height}x{frame.width}; brought to the first one's"
            if note not in self.problems:
                self.problems.append(note)
        return frame.reformat(
            width=width,
            height=height,
            format="rgb24",
            src_colorspace=frame.colorspace,
            src_color_range=frame.color_range,
            dst_color_range="JPEG",
        ).to_ndarray()
