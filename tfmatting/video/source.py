"""What stands for a film: a file, an animated WebP, numbered pictures. Opened for every reading.

Not every file can be wound back, so a second reading opens it anew. What a source needs only once,
its checks and the decoding of WebP, is done when it is found.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from tfmatting.errors import InputError
from tfmatting.video.animated_webp import animated_webp_film, is_animated_webp
from tfmatting.video.checks import check_kind, check_video_file
from tfmatting.video.container import import_av, open_film, reason_of
from tfmatting.video.image_sequence import FRAME_RATE, find_sequence, is_sequence


@dataclass(frozen=True)
class Source:
    """Something to read a film from.

    Attributes:
        open: gives a PyAV container at its start.
        first_number: of numbered pictures; 1 for a film.
    """

    open: Callable[[], Any]
    first_number: int = 1


def find_source(path: Path, frame_rate: Fraction | None) -> Source:
    """Check a path and find out how it is opened.

    Args:
        path: a file, or the pattern of numbered pictures.
        frame_rate: of numbered pictures.

    Raises:
        MissingFileError: there is no such file.
        InputError: not a film, a frame rate for a film, or numbered pictures that do not fit.
        MissingExtraError: PyAV is not installed.
    """
    av = import_av()
    if is_sequence(path):
        sequence = find_sequence(path)
        sequence.check()
        return Source(lambda: sequence.open(frame_rate or FRAME_RATE), sequence.numbers.start)
    check_video_file(path)
    if frame_rate:
        raise InputError(f"A frame rate is for numbered pictures. Received: {path}.")
    try:
        if is_animated_webp(path):
            film = animated_webp_film(path)
            return Source(lambda: av.open(io.BytesIO(film)))
        with open_film(path) as container:
            check_kind(path, container.format.name)
    except av.error.FFmpegError as error:
        raise InputError(
            f"Not a video that FFmpeg can read: {path} ({reason_of(error)}). It may have been cut "
            "off or be of another kind; copy it again."
        ) from error
    return Source(lambda: open_film(path))
