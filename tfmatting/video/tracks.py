"""Sound and subtitles of an output: copied, encoded again, or named as dropped."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tfmatting.video.container import import_av, reason_of
from tfmatting.video.description import describe_stream
from tfmatting.video.encoding import Encoding
from tfmatting.video.reader import VideoReader

RATES = {"libopus": (48_000, 24_000, 16_000, 12_000, 8_000)}
"""Samples a second that an encoder takes, where not all."""
LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
"""The usual layout of so many channels: encoders lack some of the others."""
FORMATS = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}


@dataclass
class Track:
    """One stream of the output beside the pictures.

    Attributes:
        stream: of the output.
        copied: packets go in unchanged.
    """

    stream: Any
    copied: bool

    def packets(self, packet: Any) -> Iterator[Any]:
        """What is muxed for a packet of the input."""
        if self.copied:
            packet.stream = self.stream
            yield packet
            return
        for frame in packet.decode():
            yield from self.stream.encode(frame)

    def end(self) -> Iterator[Any]:
        """What is muxed after the last packet."""
        if not self.copied:
            yield from self.stream.encode()


def add_tracks(container: Any, reader: VideoReader, encoding: Encoding, suffix: str):
    """Add an output stream for each of the reader's; its index -> `Track`.

    What cannot be kept is named in the reader's `notes`.
    """
    tracks: dict[int, Track] = {}
    for source in (*reader.audio, *reader.subtitles):
        copied = fits(source, suffix)
        if copied:
            stream = container.add_stream_from_template(source)
        elif source.type == "audio" and source.codec_context:
            stream = _encoder(container, source, encoding)
        else:
            what = "sound" if source.type == "audio" else "subtitles"
            _note(reader, f"{suffix} cannot hold {what} of {_codec(source)}: dropped")
            continue
        describe_stream(stream, source, suffix)
        tracks[source.index] = Track(stream, copied)
    for name in reader.description.attachments:
        _note(reader, f"{name} is not copied")
    return tracks


def fits(source: Any, suffix: str) -> bool:
    """Whether a container takes a stream as it is; tried, for its list of codecs is too long."""
    av = import_av()
    try:
        with av.open(io.BytesIO(), "w", format=FORMATS[suffix]) as trial:
            stream = trial.add_stream_from_template(source)
            trial.start_encoding()
            context = source.codec_context
            if context and context.name.startswith("pcm_"):
                # a layout that MP4 has no name for fails at the end of a file with a packet
                packet = av.Packet(bytes(24 * context.layout.nb_channels))
                packet.stream, packet.pts, packet.dts = stream, 0, 0
                trial.mux(packet)
        return True
    except (av.error.FFmpegError, ValueError, RuntimeError):
        return False


def _encoder(container: Any, source: Any, encoding: Encoding) -> Any:
    """An encoder with the source's channels, and its rate where the codec takes it."""
    av = import_av()
    rate = source.codec_context.sample_rate or 48_000
    allowed = RATES.get(encoding.audio_codec)
    if allowed and rate not in allowed:
        rate = allowed[0]
    layout = source.codec_context.layout
    usual = LAYOUTS.get(layout.nb_channels, "stereo")
    for name in (layout.name, usual, "stereo"):
        trial = av.CodecContext.create(encoding.audio_codec, "w")
        formats = trial.codec.audio_formats or ["fltp"]
        trial.sample_rate, trial.layout, trial.format = rate, name, formats[0]
        try:
            trial.open()
        except (av.error.FFmpegError, ValueError):
            continue
        break
    return container.add_stream(encoding.audio_codec, rate=rate, layout=name)


def end_tracks(container: Any, tracks: dict[int, Track], reader: VideoReader) -> None:
    """Write what encoders still hold; what fails is added to the reader's `problems`."""
    av = import_av()
    for index, track in tracks.items():
        try:
            for packet in track.end():
                container.mux(packet)
        except av.error.FFmpegError as error:
            reader.problems.append(f"audio {index}: {reason_of(error)}")


def _codec(source: Any) -> str:
    context = source.codec_context
    return context.name if context else "an unknown kind"


def _note(reader: VideoReader, line: str) -> None:
    if line not in reader.notes:
        reader.notes.append(line)
