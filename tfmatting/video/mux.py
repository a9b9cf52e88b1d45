"""Muxes encoded segments, sound, subtitles and descriptions of the input into one video.

Only sound that the new container cannot hold is encoded again.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from tfmatting.video.container import import_av
from tfmatting.video.description import describe
from tfmatting.video.encoding import Encoding
from tfmatting.video.geometry import written_geometry
from tfmatting.video.names import file_name
from tfmatting.video.reader import VideoReader
from tfmatting.video.segments import Segments
from tfmatting.video.times import decode_times
from tfmatting.video.tracks import add_tracks, end_tracks

_ALL_TAGS = {"movflags": "use_metadata_tags"}
OPTIONS = {".mp4": _ALL_TAGS, ".mov": _ALL_TAGS}
Timed = tuple[float, int | None, Any]
"""Seconds, the index of the input's stream (None for pictures), and the packet."""


def mux(segments: Segments, reader: VideoReader, encoding: Encoding, path: Path) -> None:
    """Write the pictures of the segments, and what the reader's file has beside them, to `path`.

    Sound that cannot be read is added to the reader's `problems`.

    Raises:
        OSError: the file cannot be written.
    """
    av = import_av()
    with (
        av.open(file_name(path), "w", options=OPTIONS.get(path.suffix.lower(), {})) as container,
        av.open(file_name(segments.paths[0])) as first,
    ):
        pictures = container.add_stream_from_template(first.streams.video[0])
        pictures.time_base = reader.facts.time_base
        if first.streams.video[0].metadata.get("alpha_mode"):
            pictures.metadata["alpha_mode"] = "1"  # else readers of VP9 see no alpha
        geometry = written_geometry(reader.facts.geometry, encoding)
        if geometry.rotation:
            pictures.set_display_rotation(geometry.rotation)
        tracks = add_tracks(container, reader, encoding, path.suffix.lower())
        describe(container, reader.description)
        shift = _shift(reader, path.suffix.lower())
        in_time = heapq.merge(
            _picture_packets(segments, reader, shift),
            _other_packets(reader, shift),
            key=lambda item: item[0],
        )
        for _, index, packet in in_time:
            if index is None:
                packet.stream = pictures
                container.mux(packet)
            elif index in tracks:
                for ready in tracks[index].packets(packet):
                    container.mux(ready)
        end_tracks(container, tracks, reader)


def _shift(reader: VideoReader, suffix: str) -> Fraction:
    """Seconds that are added to all times: players of MP4 leave out pictures before 0."""
    early = reader.first_pts < 0 and suffix in OPTIONS
    return -reader.first_pts * reader.facts.time_base if early else Fraction(0)


def _picture_packets(segments: Segments, reader: VideoReader, shift: Fraction) -> Iterator[Timed]:
    """Yield packets with the exact times of their frames, which the segment files lack."""
    av = import_av()
    offset = round(shift / reader.facts.time_base)
    shown: list[int] = []
    for path, times in zip(segments.paths, segments.times, strict=True):
        with av.open(file_name(path)) as segment:
            stored = [packet.pts or 0 for packet in segment.demux(video=0) if packet.size]
        exact = dict(zip(sorted(stored), (time + offset for time in times), strict=True))
        shown += [exact[time] for time in stored]
    ordered = sorted(shown)
    following = dict(zip(ordered, [*ordered[1:], ordered[-1] + reader.facts.step], strict=True))
    coded = zip(shown, decode_times(shown), strict=True)
    for path in segments.paths:
        with av.open(file_name(path)) as segment:
            for packet in segment.demux(video=0):
                if not packet.size:
                    continue
                packet.time_base = reader.facts.time_base
                packet.pts, packet.dts = next(coded)
                packet.duration = following[packet.pts] - packet.pts
                yield float(packet.dts * packet.time_base), None, packet


def _other_packets(reader: VideoReader, shift: Fraction) -> Iterator[Timed]:
    for packet in reader.other_packets():
        if shift:
            offset = round(shift / packet.time_base)
            packet.dts += offset
            packet.pts = None if packet.pts is None else packet.pts + offset
        yield float(packet.dts * packet.time_base), packet.stream.index, packet
