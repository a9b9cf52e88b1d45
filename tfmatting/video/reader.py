"""Reads any video that FFmpeg reads, frame by frame, with what else is in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from tfmatting.video.container import check_readable, import_av, reason_of


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
            raise ValueError(
                f"Not a video that FFmpeg can read: {path} ({reason_of(error)})"
            ) from error
        streams = [
            stream
            for stream in self.container.streams.video
            if not stream.disposition & self._av.stream.Disposition.attached_pic
        ]
        if not streams:
            self.container.close()
            raise ValueError(f"A video has a picture stream. Received: {path} without one.")
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

    def items(self) -> Iterator[Frame | Any]:
        """Yield frames, and the packets of sound between them, in the file's order.

        What cannot be decoded ends the video there, or is left out; `problems` says so.
        """
        turns = self.facts.rotation // 90
        previous = None
        for item in self._decoded():
            if isinstance(item, self._av.VideoFrame):
                pts = item.pts if item.pts is not None else (previous or 0) + 1
                if previous is not None and pts <= previous:
                    self.problems.append(f"frame at {pts}: not after the one before, left out")
                    continue
                previous = pts
                yield Frame(np.ascontiguousarray(np.rot90(self._rgb(item), turns)), pts)
            else:
                yield item

    def _decoded(self) -> Iterator[Any]:
        self.container.seek(0)
        try:
            for packet in self.container.demux(self.stream, *self.sounds):
                if packet.stream is not self.stream:
                    if packet.dts is not None:
                        yield packet
                    continue
                try:
                    yield from packet.decode()
                except self._av.error.InvalidDataError as error:
                    self.problems.append(f"packet at {packet.pts}: {reason_of(error)}")
        except self._av.error.FFmpegError as error:
            self.problems.append(f"the file ends too early: {reason_of(error)}")

    def _first_frame(self):
        try:
            for frame in self.container.decode(self.stream):
                return frame
        except self._av.error.FFmpegError as error:
            raise ValueError(
                f"Not a video that can be decoded: {self.path} ({reason_of(error)})"
            ) from error
        raise ValueError(f"A video has at least one frame. Received: {self.path} with none.")

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
