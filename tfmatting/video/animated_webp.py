"""Animated WebP, which FFmpeg does not read: OpenCV decodes it into a lossless video."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tfmatting.errors import InputError
from tfmatting.video.container import import_av

AT_ONCE = 16
"""Pictures that are in memory at the same time."""
MILLISECOND = Fraction(1, 1000)


def is_animated_webp(path: Path) -> bool:
    """Whether a file is a WebP picture with the flag of an animation."""
    with path.open("rb") as file:
        head = file.read(21)
    return head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X" and bool(head[20] & 2)


def animated_webp_film(path: Path) -> bytes:
    """Decode an animated WebP to a lossless film, with its alpha and times.

    Raises:
        InputError: the file cannot be decoded.
    """
    av = import_av()
    file = io.BytesIO()
    start, now = 0, 0
    with av.open(file, "w", format="matroska") as film:
        stream: Any = None
        while True:
            read, animation = cv2.imreadanimation(str(path), start=start, count=AT_ONCE)
            if not read or not animation.frames:
                break
            for pixels, length in zip(animation.frames, animation.durations, strict=True):
                if stream is None:
                    stream = _add_stream(film, pixels.shape, list(animation.durations))
                name = "bgra" if pixels.shape[2] == 4 else "bgr24"
                picture = np.asarray(pixels, np.uint8)
                frame = av.VideoFrame.from_ndarray(picture, format=name).reformat(format="bgra")
                frame.pts, frame.time_base = now, MILLISECOND
                film.mux(stream.encode(frame))
                now += max(1, int(length))
            start += len(animation.frames)
            if len(animation.frames) < AT_ONCE:
                break
        if stream is None:
            raise InputError(f"Not an animated WebP that can be decoded: {path}.")
        film.mux(stream.encode())
    return file.getvalue()


def _add_stream(film: Any, shape: tuple[int, ...], lengths: list[int]) -> Any:
    """Add a lossless stream with the average frame rate of the first pictures."""
    rate = Fraction(1000 * len(lengths), max(sum(lengths), 1)).limit_denominator(1001)
    stream = film.add_stream("ffv1", rate=min(rate, Fraction(1000)))
    stream.height, stream.width = shape[:2]
    stream.pix_fmt, stream.codec_context.time_base = "bgra", MILLISECOND
    return stream
