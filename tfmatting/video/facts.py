"""What a video file says about its pictures."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tfmatting.video.colour import output_tags
from tfmatting.video.container import import_av
from tfmatting.video.geometry import Geometry, read_geometry

DEFAULT_RATE = 25


@dataclass(frozen=True)
class VideoFacts:
    """The properties of the input that the output keeps.

    Attributes:
        size: (height, width) as stored.
        geometry: how the stored pictures are shown.
        interlaced: each stored picture holds two fields of half the lines.
        frame_rate: average frames per second.
        time_base: seconds per unit of a presentation time.
        frames: the number of frames that the file states, or that its duration implies; 0 if
            unknown.
        seconds: the stated duration of the pictures; None if unknown.
        colour: range, primaries, transfer and matrix of the output as FFmpeg's numbers.
    """

    size: tuple[int, int]
    geometry: Geometry
    interlaced: bool
    frame_rate: Fraction
    time_base: Fraction
    frames: int
    seconds: float | None
    colour: dict[str, int]

    @property
    def upright_size(self) -> tuple[int, int]:
        """(height, width) as players show it."""
        return self.geometry.size(self.size)

    @property
    def step(self) -> int:
        """The usual distance of two frames in units of the time base, at least 1."""
        return max(1, round(1 / (self.frame_rate * self.time_base)))


def read_facts(container, stream, frame) -> VideoFacts:
    """Collect the facts of a PyAV container, its video stream and its first decoded frame."""
    rate = Fraction(stream.average_rate or stream.guessed_rate or DEFAULT_RATE)
    frames = stream.frames
    if not frames and container.duration:
        frames = round(float(container.duration / import_av().time_base * rate))
    return VideoFacts(
        size=(frame.height, frame.width),
        geometry=read_geometry(frame, stream),
        interlaced=bool(frame.interlaced_frame),
        frame_rate=rate,
        time_base=Fraction(stream.time_base or 1 / rate),
        frames=frames,
        seconds=_stated_seconds(stream, frame),
        colour=output_tags(frame),
    )


def _stated_seconds(stream, first) -> float | None:
    """Return the stated duration of a stream from its first frame; None if unknown."""
    if stream.duration is not None:
        return float(stream.duration * stream.time_base)
    parts = stream.metadata.get("DURATION", "").split(":")  # Matroska writes 00:01:02.5
    if len(parts) != 3:
        return None
    hours, minutes, seconds = map(float, parts)
    start = float(first.pts * stream.time_base) if first.pts else 0.0  # it is the time of the end
    return 3600 * hours + 60 * minutes + seconds - start


def notes_of(facts: VideoFacts) -> list[str]:
    """What is taken otherwise than the file states it, a line each."""
    notes = [facts.geometry.note] if facts.geometry.note else []
    if facts.interlaced:
        notes.append("is interlaced: both fields are matted as one picture, written progressive")
    height, width = facts.size
    if height % 2 or width % 2:
        even = f"{width - width % 2}x{height - height % 2}"
        notes.append(f"has an odd size, {width}x{height}: written as {even}")
    return notes
