"""Encodes upright pictures with the rotation and colours of the input; no audio, no exact times.

Segment files round times to milliseconds. They therefore hold the pictures at a constant frame
rate, and `mux` gives each picture its own time.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from tfmatting.config import Size
from tfmatting.imaging.resize import resize
from tfmatting.video.colour import FrameEncoder, tags_of_format
from tfmatting.video.container import import_av
from tfmatting.video.encoding import Encoding
from tfmatting.video.facts import VideoFacts
from tfmatting.video.geometry import written_geometry
from tfmatting.video.names import file_name

SQUARE_ONLY = ("libvpx-vp9",)
"""Codecs whose streams do not say the shape of their pixels: pictures are stretched instead."""
MOST_FRAMES_PER_SECOND = 1000
"""More do not fit the milliseconds of a segment file."""


class PictureWriter:
    """A file of pictures that is being written; leaving the `with` block finishes it.

    Args:
        path: the file.
        facts: of the input, whose frame rate, geometry and colours are kept.
        encoding: the codec and its pixel format.
        size: upright (height, width) of the pictures; an odd side loses a row or column.
        transparent: the pictures are RGBA.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        facts: VideoFacts,
        encoding: Encoding,
        size: Size,
        transparent: bool,
    ):
        self._av = import_av()
        self._facts = facts
        self._geometry = written_geometry(facts.geometry, encoding)
        self._pixel_format = encoding.alpha_pixel_format if transparent else encoding.pixel_format
        self._container = self._av.open(file_name(path), "w")
        codec = encoding.alpha_codec if transparent else encoding.codec
        rate = min(facts.frame_rate, Fraction(MOST_FRAMES_PER_SECOND))
        stream: Any = self._container.add_stream(codec, rate=rate)
        stored = self._geometry.size(size)  # swapping axes is its own inverse
        aspect = self._geometry.pixel_aspect
        if codec in SQUARE_ONLY:
            stored, aspect = (stored[0], round(stored[1] * aspect)), Fraction(1)
        stream.height, stream.width = (side - side % 2 for side in stored)
        stream.pix_fmt = self._pixel_format
        stream.codec_context.time_base = 1 / rate
        stream.codec_context.sample_aspect_ratio = aspect
        if codec == encoding.codec:
            stream.options = dict(encoding.options)
        tags = tags_of_format(facts.colour, self._pixel_format)
        for name, value in tags.items():
            setattr(stream.codec_context, name, value)
        self._frames = FrameEncoder(self._pixel_format, tags, stream.height)
        self._stream = stream
        self._written = 0

    def __enter__(self) -> PictureWriter:
        return self

    def __exit__(self, kind, *_) -> None:
        try:
            if kind is None:
                self._container.mux(self._stream.encode())
        finally:
            self._container.close()

    def write(self, picture: np.ndarray) -> None:
        """Encode the next upright picture, uint8 [H, W, 3] or [H, W, 4]."""
        stored = self._geometry.store(picture)
        height, width = self._stream.height, self._stream.width
        if abs(stored.shape[1] - width) > 1:
            stored = resize(stored, (stored.shape[0], width))
        frame = self._frames.convert(stored[:height, :width])
        frame.pts, frame.time_base = self._written, self._stream.codec_context.time_base
        self._written += 1
        self._container.mux(self._stream.encode(frame))
