"""Reads any video that FFmpeg reads: frames, audio packets, and the facts of both."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from tfmatting.errors import InputError
from tfmatting.video.animated_webp import is_animated_webp, open_animated_webp
from tfmatting.video.checks import check_video_file
from tfmatting.video.colour import RgbDecoder, hdr_name
from tfmatting.video.container import import_av, reason_of
from tfmatting.video.decoding import PictureDecoder
from tfmatting.video.facts import read_facts
from tfmatting.video.image_sequence import FRAME_RATE, find_sequence, is_numbered
from tfmatting.video.times import RisingTimes

WARM_UP = 12
"""Frames that are read before the point where a run resumes."""
EARLY_END = 1.0
"""Seconds that may be missing at the end of a video before this is reported."""


@dataclass(frozen=True)
class Frame:
    """One decoded frame.

    Attributes:
        pixels: uint8 [H, W, 3] RGB in full range, upright.
        pts: its presentation time in units of the stream's time base.
        alpha: uint8 [H, W], the frame's own alpha; None if it is opaque.
    """

    pixels: np.ndarray
    pts: int
    alpha: np.ndarray | None = None

    def keep_own_alpha(self, matte: np.ndarray) -> np.ndarray:
        """Return a matte, float32 [H, W], times the frame's own alpha."""
        return matte if self.alpha is None else matte * (self.alpha / np.float32(255))


class VideoReader:
    """An open video file.

    Args:
        path: the file, or the pattern of numbered pictures; see `image_sequence`.
        frame_rate: of numbered pictures, frames per second.

    Attributes:
        first_number: of numbered pictures; 1 for a video.
        facts: what the file says about its pictures.
        first_pts: the presentation time of the first frame.
        audio: the audio streams.
        problems: what could not be read so far, one line each.
        notes: what is read otherwise than it is stored, one line each.

    Raises:
        MissingFileError: there is no such file.
        InputError: the file is not a video, it has no picture stream, a frame rate for a video,
            or numbered pictures with gaps or several sizes.
        MissingExtraError: PyAV is not installed.
    """

    def __init__(self, path: Path, frame_rate: Fraction | None = None):
        self._av = import_av()
        self.first_number = 1
        try:
            self._container = self._open(path, frame_rate)
        except self._av.error.FFmpegError as error:
            raise InputError(
                f"Not a video that FFmpeg can read: {path} ({reason_of(error)})"
            ) from error
        try:
            self._stream = self._picture_stream(path)
            self._decoder = PictureDecoder(self._stream)
            first = self._first_frame(path)
        except InputError:
            self.close()
            raise
        self.audio = list(self._container.streams.audio)
        self.problems: list[str] = []
        self.first_pts: int = first.pts or 0
        self.facts = read_facts(self._container, self._stream, first)
        self._rgb = RgbDecoder(self.facts.size)
        self.notes = [f"{name} is tone-mapped to BT.709" for name in [hdr_name(first)] if name]

    def __enter__(self) -> VideoReader:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def frames(self, after: int | None = None) -> Iterator[Frame]:
        """Yield the frames in order.

        A packet that cannot be decoded is left out and added to `problems`. A file that breaks
        off ends there, which is added as well.

        Args:
            after: a presentation time to resume after. The `WARM_UP` frames before that point
                are yielded too, for models that keep a state.
        """
        times = RisingTimes()
        held: deque = deque(maxlen=WARM_UP)
        for decoded in self._decoded(after):
            pts = times.accept(decoded.pts)
            if pts is None:
                self.problems.append(f"frame at {decoded.pts}: not after the one before, left out")
                continue
            held.append((decoded, pts))
            if after is not None and pts <= after:
                continue
            while held:
                frame, time = held.popleft()
                yield self._upright(frame, time)
        self._check_end(times.last)

    def audio_packets(self) -> Iterator[Any]:
        """Yield the packets of all audio streams in the order of the file."""
        if not self.audio:
            return
        self._container.seek(0)
        try:
            for packet in self._container.demux(*self.audio):
                if packet.dts is not None:
                    yield packet
        except self._av.error.FFmpegError as error:
            self.problems.append(f"the audio ends too early: {reason_of(error)}")

    def _open(self, path: Path, frame_rate: Fraction | None) -> Any:
        if is_numbered(path) and not path.is_file():
            sequence = find_sequence(path)
            self.first_number = sequence.numbers.start
            return sequence.open(frame_rate or FRAME_RATE)
        check_video_file(path)
        if frame_rate:
            raise InputError(f"A frame rate is for numbered pictures. Received: {path}.")
        if is_animated_webp(path):
            return open_animated_webp(path)
        return self._av.open(str(path))

    def _picture_stream(self, path: Path) -> Any:
        cover_picture = self._av.stream.Disposition.attached_pic
        for stream in self._container.streams.video:
            if not stream.disposition & cover_picture:
                stream.thread_type = "AUTO"
                return stream
        raise InputError(f"A video has a picture stream. Received: {path} without one.")

    def _first_frame(self, path: Path) -> Any:
        try:
            for packet in self._container.demux(self._stream):
                for frame in self._decoder.decode(packet):
                    return frame
        except self._av.error.FFmpegError as error:
            raise InputError(
                f"Not a video that can be decoded: {path} ({reason_of(error)})"
            ) from error
        raise InputError(f"A video has at least one frame. Received: {path} with none.")

    def _decoded(self, after: int | None) -> Iterator[Any]:
        if after is None or not self._seek_before(after):
            self._container.seek(0)
        self._decoder.restart()
        try:
            for packet in self._container.demux(self._stream):
                try:
                    yield from self._decoder.decode(packet)
                except self._av.error.InvalidDataError as error:
                    self.problems.append(f"packet at {packet.pts}: {reason_of(error)}")
        except self._av.error.FFmpegError as error:
            self.problems.append(f"the file ends too early: {reason_of(error)}")

    def _seek_before(self, after: int) -> bool:
        """Seek to a key frame at least `WARM_UP` frames before a time, if the file allows it."""
        back = round(WARM_UP / (self.facts.frame_rate * self.facts.time_base))
        target = max(after - back, self.first_pts)
        try:
            self._container.seek(target, stream=self._stream)
            first = next(self._container.decode(self._stream), None)
            if first is None or first.pts is None or first.pts > target:
                return False
            self._container.seek(target, stream=self._stream)
        except self._av.error.FFmpegError:
            return False
        return True

    def _check_end(self, last: int | None) -> None:
        """Report a video that ends long before the file says it does."""
        seconds = self.facts.seconds
        if last is None or seconds is None:
            return
        reached = float((last - self.first_pts) * self.facts.time_base)
        if seconds - reached > EARLY_END + float(2 / self.facts.frame_rate):
            self.problems.append(f"the video ends at {reached:.1f} of {seconds:.1f} seconds")

    def _upright(self, frame, pts: int) -> Frame:
        """Convert a decoded frame to upright RGB of the first frame's size."""
        height, width = self.facts.size
        if (frame.height, frame.width) != (height, width):
            note = f"the size changes to {frame.height}x{frame.width}; resized to the first one's"
            if note not in self.problems:
                self.problems.append(note)
        pixels, alpha = self._rgb.convert(frame)
        turns = self.facts.rotation // 90
        if alpha is not None:
            alpha = np.ascontiguousarray(np.rot90(alpha, turns))
        return Frame(np.ascontiguousarray(np.rot90(pixels, turns)), pts, alpha)
