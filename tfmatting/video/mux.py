"""Makes one video of encoded segments and the input's sound; nothing is decoded or coded twice.

Sound that the new kind of file cannot hold is the exception.
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


def join(segments: Segments, reader: VideoReader, encoding: Encoding, path: Path) -> None:
    """Write the pictures of the segments and the sound of the reader's file to `path`.

    Sound that cannot be read goes into the reader's `problems`.

    Raises:
        OSError: the file cannot be written.
    """
    av = import_av()
    with av.open(str(path), "w") as container, av.open(str(segments.paths[0])) as first:
        pictures = container.add_stream_from_template(first.streams.video[0])
        pictures.time_base = reader.facts.time_base
        if reader.facts.rotation:
            pictures.set_display_rotation(reader.facts.rotation)
        sounds = {sound: _sound_stream(container, sound, encoding) for sound in reader.sounds}
        in_time = heapq.merge(
            _picture_packets(segments, reader), _sound_packets(reader), key=lambda item: item[0]
        )
        for _, packet in in_time:
            if packet.stream not in sounds:
                packet.stream = pictures
                container.mux(packet)
                continue
            stream, copies = sounds[packet.stream]
            if copies:
                packet.stream = stream
                container.mux(packet)
                continue
            for frame in packet.decode():
                container.mux(stream.encode(frame))
        for sound, (stream, copies) in sounds.items():
            try:
                container.mux(() if copies else stream.encode())
            except av.error.FFmpegError as error:
                reader.problems.append(f"sound {sound.index}: {reason_of(error)}")


def decode_times(shown: list[int]) -> list[int]:
    """When each packet is decoded, given when its frame is shown, both in the file's order.

    The times of showing, sorted and moved back by as many frames as the codec's reordering needs:
    rising, and never after the showing.
    """
    ordered = sorted(shown)
    place = {time: index for index, time in enumerate(ordered)}
    delay = max(index - place[time] for index, time in enumerate(shown))
    step = ordered[1] - ordered[0] if len(ordered) > 1 else 1
    early = [ordered[0] - step * (delay - index) for index in range(delay)]
    return early + ordered[: len(ordered) - delay]


def _picture_packets(segments: Segments, reader: VideoReader) -> Iterator[tuple[float, Any]]:
    """Packets with the exact times of their frames, which the segments' own format rounds."""
    av = import_av()
    shown: list[int] = []
    for path, times in zip(segments.paths, segments.times, strict=True):
        with av.open(str(path)) as segment:
            rounded = [packet.pts or 0 for packet in segment.demux(video=0) if packet.size]
        exact = dict(zip(sorted(rounded), times, strict=True))
        shown += [exact[time] for time in rounded]
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


def _sound_packets(reader: VideoReader) -> Iterator[tuple[float, Any]]:
    for packet in reader.sound_packets():
        yield float(packet.dts * packet.time_base), packet


def _sound_stream(container, sound, encoding: Encoding):
    """The output's stream, and whether packets are passed on as they are."""
    if sound.codec_context.name in container.supported_codecs:
        return container.add_stream_from_template(sound), True
    return container.add_stream(encoding.sound, rate=48000), False
