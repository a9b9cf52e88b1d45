"""Writes a video with the input's timing, turn, colours and sound."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfmatting.video.container import import_av, reason_of
from tfmatting.video.reader import VideoReader


@dataclass(frozen=True)
class Encoding:
    """How a kind of file holds pictures and sound.

    Attributes:
        codec, pixels: of opaque video.
        options: of that codec.
        clear_codec, clear_pixels: of video with transparency; none when empty.
        sound: codec of sound that cannot be kept as it is.
    """

    codec: str
    pixels: str
    options: dict[str, str]
    clear_codec: str
    clear_pixels: str
    sound: str


X264 = {"crf": "20", "preset": "medium"}
VP9 = {"crf": "30", "b": "0", "deadline": "realtime", "cpu-used": "6", "row-mt": "1"}
ENCODINGS = {
    ".mp4": Encoding("libx264", "yuv420p", X264, "", "", "aac"),
    ".mov": Encoding("libx264", "yuv420p", X264, "prores_ks", "yuva444p10le", "aac"),
    ".mkv": Encoding("libx264", "yuv420p", X264, "libvpx-vp9", "yuva420p", "aac"),
    ".webm": Encoding("libvpx-vp9", "yuv420p", VP9, "libvpx-vp9", "yuva420p", "libopus"),
}


def check_output(path: Path, *, transparent: bool) -> Encoding:
    """Return how a file of this name is encoded.

    Raises:
        ValueError: a suffix that is not known, or one that cannot be transparent.
    """
    suffix = path.suffix.lower()
    if suffix not in ENCODINGS:
        raise ValueError(f"A video's name ends in {', '.join(ENCODINGS)}. Received: {path.name!r}.")
    encoding = ENCODINGS[suffix]
    if transparent and not encoding.clear_codec:
        clear = [name for name, entry in ENCODINGS.items() if entry.clear_codec]
        raise ValueError(
            f"{suffix} holds no transparency. Received: {path.name!r}. Use {', '.join(clear)}, or "
            "--background blur."
        )
    return encoding


class VideoWriter:
    """A video file that is being written.

    Args:
        path: the file; its suffix chooses the encoding.
        reader: the input, whose timing, turn, colours and sound are kept.
        size: (height, width) upright.
        transparent: pictures are RGBA.

    Raises:
        ValueError: see `check_output`.
    """

    def __init__(self, path: Path, reader: VideoReader, size: tuple[int, int], transparent: bool):
        self._av = import_av()
        encoding = check_output(path, transparent=transparent)
        self._reader, self._facts = reader, reader.facts
        self._turns = self._facts.rotation // 90
        self._pixels = encoding.clear_pixels if transparent else encoding.pixels
        self._format = "rgba" if transparent else "rgb24"
        self._container = self._av.open(str(path), "w")
        self._stream = self._picture_stream(encoding, size, transparent)
        self._sounds = {sound: self._sound_stream(sound, encoding) for sound in reader.sounds}

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(self, kind, *_) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._container.close()

    def write(self, picture: np.ndarray, pts: int) -> None:
        """Encode one upright picture, uint8 [H, W, 3] or [H, W, 4], at its time."""
        stored = np.ascontiguousarray(np.rot90(picture, -self._turns))
        height, width = (side - side % 2 for side in stored.shape[:2])
        frame = self._av.VideoFrame.from_ndarray(
            np.ascontiguousarray(stored[:height, :width]), format=self._format
        )
        colour = self._facts.colour
        frame = frame.reformat(
            format=self._pixels,
            src_color_range="JPEG",
            dst_colorspace=colour["colorspace"],
            dst_color_range=colour["color_range"],
        )
        frame.pts, frame.time_base = pts, self._facts.time_base
        self._container.mux(self._stream.encode(frame))

    def write_sound(self, packet: Any) -> None:
        """Pass a packet of sound on, or code it anew where the file cannot hold it."""
        stream, copies = self._sounds[packet.stream]
        if copies:
            packet.stream = stream
            self._container.mux(packet)
            return
        for frame in packet.decode():
            self._container.mux(stream.encode(frame))

    def _picture_stream(self, encoding: Encoding, size: tuple[int, int], transparent: bool):
        codec = encoding.clear_codec if transparent else encoding.codec
        stream: Any = self._container.add_stream(codec, rate=self._facts.frame_rate)
        upright = size if self._turns % 2 == 0 else size[::-1]
        stream.height, stream.width = (side - side % 2 for side in upright)
        stream.pix_fmt = self._pixels
        stream.codec_context.time_base = self._facts.time_base
        if codec == encoding.codec:
            stream.options = dict(encoding.options)
        for name, value in self._facts.colour.items():
            setattr(stream.codec_context, name, value)
        if self._facts.rotation:
            stream.set_display_rotation(self._facts.rotation)
        return stream

    def _sound_stream(self, sound, encoding: Encoding):
        """The output's stream, and whether packets are passed on as they are."""
        if sound.codec_context.name in self._container.supported_codecs:
            return self._container.add_stream_from_template(sound), True
        return self._container.add_stream(encoding.sound, rate=48000), False

    def _finish(self) -> None:
        self._container.mux(self._stream.encode())
        for sound, (stream, copies) in self._sounds.items():
            if copies:
                continue
            try:
                self._container.mux(stream.encode())
            except self._av.error.FFmpegError as error:
                self._reader.problems.append(f"sound {sound.index}: {reason_of(error)}")
