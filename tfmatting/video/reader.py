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
from tfmatting.video.checks import LARGEST_FRAME, check_area
from tfmatting.video.colour import RgbDecoder, hdr_name
from tfmatting.video.container import import_av, reason_of
from tfmatting.video.cut_off import is_cut_off
from tfmatting.video.decoding import PictureDecoder
from tfmatting.video.description import read_description
from tfmatting.video.facts import notes_of, read_facts
from tfmatting.video.source import find_source
from tfmatting.video.times import LOOK_AHEAD, repair_times

WARM_UP = 12
"""Frames that are read before the point where a run resumes."""
SEEKABLE = {"mov", "mp4", "matroska", "webm"}
"""FFmpeg's names of containers with an index."""
NEW_START = 1.0
"""Seconds that the times of sound go back by where joined files meet; less is jitter."""
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
        audio, subtitles: streams beside the pictures.
        description: what the file says of itself.
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
        self._path = path
        self._source = find_source(path, frame_rate)
        self.first_number = self._source.first_number
        self._container = self._source.open()
        try:
            stream = self._picture_stream(self._container)
            first = self._first_frame(stream)
        except InputError:
            self.close()
            raise
        self.audio = list(self._container.streams.audio)
        self.subtitles = list(self._container.streams.subtitles)
        self.description = read_description(self._container)
        self.problems: list[str] = []
        self.first_pts: int = first.pts or 0
        self.facts = read_facts(self._container, stream, first)
        self._rgb = RgbDecoder(self.facts.size)
        self.notes = [f"{name} is tone-mapped to BT.709" for name in [hdr_name(first)] if name]
        self.notes += notes_of(self.facts)
        self.notes += [
            f"has another picture stream, {other.width}x{other.height}: left out"
            for other in self._picture_streams(self._container)[1:]
        ]

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
        held: deque = deque(maxlen=WARM_UP)
        last = None
        for decoded, last in repair_times(self._decoded(after), self.facts.step):
            held.append((decoded, last))
            if after is not None and last <= after:
                continue
            while held:
                frame, time = held.popleft()
                yield self._upright(frame, time)
        self._check_end(last)

    def other_packets(self) -> Iterator[Any]:
        """Yield the packets of audio and subtitles in the order of the file, from its start."""
        wanted = [stream.index for stream in (*self.audio, *self.subtitles)]
        if not wanted:
            return
        ends: dict[int, int] = {}
        offsets: dict[int, int] = dict.fromkeys(wanted, 0)
        with self._source.open() as container:
            streams = [container.streams[index] for index in wanted]
            try:
                for packet in container.demux(streams):
                    if packet.dts is None:
                        continue
                    index = packet.stream.index
                    time = packet.dts + offsets[index]
                    end = ends.get(index)
                    if end is not None and (end - time) * packet.time_base > NEW_START:
                        # joined files start anew: their times go on
                        offsets[index] += end - time
                    if offsets[index]:
                        packet.dts += offsets[index]
                        packet.pts = None if packet.pts is None else packet.pts + offsets[index]
                    ends[index] = packet.dts + (packet.duration or 0)
                    yield packet
            except self._av.error.FFmpegError as error:
                self.problems.append(f"the audio ends too early: {reason_of(error)}")

    def _picture_stream(self, container: Any) -> Any:
        streams = self._picture_streams(container)
        if not streams:
            raise InputError(
                f"A video has a picture stream that can be decoded. Received: {self._path}, which "
                "has none."
            )
        context = streams[0].codec_context
        check_area((context.height, context.width), self._path)
        # the size may change on the way; FFmpeg then refuses the frame
        context.options = {**context.options, "max_pixels": str(LARGEST_FRAME)}
        streams[0].thread_type = "AUTO"
        return streams[0]

    def _picture_streams(self, container: Any) -> list[Any]:
        """The streams of pictures, the largest first, stills last; covers are none."""
        cover = self._av.stream.Disposition.attached_pic
        films = [
            stream
            for stream in container.streams.video
            if stream.codec_context and not stream.disposition & cover
        ]
        # an animated AVIF has its first picture once more, as a stream of one
        return sorted(films, key=lambda one: (one.frames == 1, -one.width * one.height))

    def _first_frame(self, stream: Any) -> Any:
        decoder = PictureDecoder(stream)
        try:
            for packet in self._container.demux(stream):
                for frame in decoder.decode(packet):
                    return frame
        except self._av.error.FFmpegError as error:
            raise InputError(
                f"Not a video that can be decoded: {self._path} ({reason_of(error)})"
            ) from error
        raise InputError(f"A video has at least one frame. Received: {self._path} with none.")

    def _decoded(self, after: int | None) -> Iterator[tuple[Any, int | None]]:
        """Yield decoded frames with their times as the file states them."""
        with self._opened(after) as container:
            stream = self._picture_stream(container)
            decoder = PictureDecoder(stream)
            last = None
            try:
                for packet in container.demux(stream):
                    if packet.size:  # an empty one ends the stream
                        last = packet
                    try:
                        for frame in decoder.decode(packet):
                            yield frame, frame.pts
                    except self._av.error.InvalidDataError as error:
                        self.problems.append(f"packet at {packet.pts}: {reason_of(error)}")
            except self._av.error.FFmpegError as error:
                self.problems.append(f"the file ends too early: {reason_of(error)}")
            if last is not None and last.is_corrupt:
                time = last.dts if last.pts is None else last.pts
                seconds = float(((time or 0) - self.first_pts) * self.facts.time_base)
                self.problems.append(f"the file ends within a picture, at {seconds:.1f} seconds")

    def _opened(self, after: int | None) -> Any:
        """Open the film at its start, or at a key frame well before `after` if it has an index."""
        container = self._source.open()
        if after is None or not SEEKABLE & set(container.format.name.split(",")):
            return container
        target = after - (WARM_UP + LOOK_AHEAD) * self.facts.step
        if target <= self.first_pts:
            return container
        stream = self._picture_stream(container)
        try:
            container.seek(target, stream=stream)
            first = next(packet.pts for packet in container.demux(stream))
            if first is not None and first <= target:
                container.seek(target, stream=stream)
                return container
        except (self._av.error.FFmpegError, StopIteration):
            pass  # no index, whatever its kind: it is read from the start
        container.close()
        return self._source.open()

    def _check_end(self, last: int | None) -> None:
        """Report a video that ends long before the file says it does, or a file that is cut off."""
        if last is None:
            return
        seconds = self.facts.seconds
        reached = float((last - self.first_pts) * self.facts.time_base)
        if seconds and seconds - reached > EARLY_END + float(2 / self.facts.frame_rate):
            self.problems.append(f"the video ends at {reached:.1f} of {seconds:.1f} seconds")
        elif self._path.is_file() and is_cut_off(self._path, self._container.format.name):
            self.problems.append(f"the file is cut off, after {reached:.1f} seconds")

    def _upright(self, frame, pts: int) -> Frame:
        """Convert a decoded frame to upright RGB of the first frame's size."""
        height, width = self.facts.size
        if (frame.height, frame.width) != (height, width):
            note = f"the size changes to {frame.height}x{frame.width}; resized to the first one's"
            if note not in self.problems:
                self.problems.append(note)
        pixels, alpha = self._rgb.convert(frame)
        show = self.facts.geometry.show
        return Frame(show(pixels), pts, None if alpha is None else show(alpha))
