"""Muxes encoded segments and the audio of the input into one video, without encoding them again.

Only audio that the new container cannot hold is encoded again.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tfmatting.video.container import import_av, reason_of
from tfmatting.video.encoding import Encoding
from tfmatting.video.reader import VideoReader
from tfmatting.video.segments import Segments
from tfmatting.video.times import decode_times


def mux(segments: Segments, reader: VideoReader, encoding: Encoding, path: Path) -> None:
    """Write the pictures of the segments and the audio of the reader's file to `path`.

    Audio that cannot be read is added to the reader's `problems`.

    Raises:
        OSError: the file cannot be written.
    """
    av = import_av()
    with av.open(str(path), "w") as container, av.open(str(segments.paths[0])) as first:
        pictures = container.add_stream_from_template(first.streams.video[0])
        pictures.time_base = reader.facts.time_base
        if first.streams.video[0].metadata.get("alpha_mode"):
            pictures.metadata["alpha_mode"] = "1"  # else readers of VP9 see no alpha
        if reader.facts.rotation:
            pictures.set_display_rotation(reader.facts.rotation)
        outputs = {stream: _audio_stream(container, stream, encoding) for stream in reader.audio}
        in_time = heapq.merge(
            _picture_packets(segments, reader), _audio_packets(reader), key=lambda item: item[0]
        )
        for _, packet in in_time:
            if packet.stream not in outputs:
                packet.stream = pictures
                container.mux(packet)
                continue
            stream, copied = outputs[packet.stream]
            if copied:
                packet.stream = stream
                container.mux(packet)
                continue
            for frame in packet.decode():
                container.mux(stream.encode(frame))
        for source, (stream, copied) in outputs.items():
            try:
                container.mux(() if copied else stream.encode())
            except av.error.FFmpegError as error:
                reader.problems.append(f"audio {source.index}: {reason_of(error)}")


def _picture_packets(segments: Segments, reader: VideoReader) -> Iterator[tuple[float, Any]]:
    """Yield packets with the exact times of their frames, which the segment files lack."""
    av = import_av()
    shown: list[int] = []
    for path, times in zip(segments.paths, segments.times, strict=True):
        with av.open(str(path)) as segment:
            stored = [packet.pts or 0 for packet in segment.demux(video=0) if packet.size]
        exact = dict(zip(sorted(stored), times, strict=True))
        shown += [exact[time] for time in stored]
    ordered = sorted(shown)
    usual = round(1 / (reader.facts.frame_rate * reader.facts.time_base))
    following = dict(zip(ordered, [*ordered[1:], ordered[-1] + usual], strict=True))
    coded = zip(shown, decode_times(shown), strict=True)
    for path in segments.paths:
        with av.open(str(path)) as segment:
            for packet in segment.demux(video=0):
                if not packet.size:
                    continue
                packet.time_base = reader.facts.time_base
                packet.pts, packet.dts = next(coded)
                packet.duration = following[packet.pts] - packet.pts
                yield float(packet.dts * packet.time_base), packet


def _audio_packets(reader: VideoReader) -> Iterator[tuple[float, Any]]:
    for packet in reader.audio_packets():
        yield float(packet.dts * packet.time_base), packet


def _audio_stream(container, source, encoding: Encoding):
    """Add an output stream; return it, and whether packets are copied into it unchanged."""
    if source.codec_context.name in container.supported_codecs:
        return container.add_stream_from_template(source), True
    return container.add_stream(encoding.audio_codec, rate=48000), False
