"""Encodes upright pictures with the input's timing, turn and colours; no sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tfmatting.video.container import import_av
from tfmatting.video.encoding import Encoding
from tfmatting.video.reader import VideoFacts


class PictureWriter:
    """A file of pictures that is being written; leaving the block finishes it.

    Args:
        path: the file.
        facts: of the input, whose timing, turn and colours are kept.
        encoding: codec and form of the pixels.
        size: (height, width) upright; an odd side loses a row or column.
        transparent: pictures are RGBA.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        facts: VideoFacts,
        encoding: Encoding,
        size: tuple[int, int],
        transparent: bool,
    ):
        self._av = import_av()
        self._facts = facts
        self._turns = facts.rotation // 90
        self._pixels = encoding.clear_pixels if transparent else encoding.pixels
        self._format = "rgba" if transparent else "rgb24"
        self._container = self._av.open(str(path), "w")
        codec = encoding.clear_codec if transparent else encoding.codec
        stream: Any = self._container.add_stream(codec, rate=facts.frame_rate)
        upright = size if self._turns % 2 == 0 else size[::-1]
        stream.height, stream.width = (side - side % 2 for side in upright)
        stream.pix_fmt = self._pixels
        stream.codec_context.time_base = facts.time_base
        if codec == encoding.codec:
            stream.options = dict(encoding.options)
        for name, value in facts.colour.items():
            setattr(stream.codec_context, name, value)
        self._stream = stream

    def __enter__(self) -> PictureWriter:
        return self

    def __exit__(self, kind, *_) -> None:
        try:
            if kind is None:
                self._container.mux(self._stream.encode())
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
