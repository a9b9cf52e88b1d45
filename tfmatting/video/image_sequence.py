"""Numbered pictures in place of a video, as `frames/%05d.png`."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from tfmatting.errors import InputError, MissingFileError
from tfmatting.imaging.io import write_image
from tfmatting.video.container import import_av, reason_of
from tfmatting.video.encoding import FILM_SUFFIXES
from tfmatting.video.names import file_name

PLACE = re.compile(r"%(0?)(\d*)d")
FRAME_RATE = Fraction(25)
"""Pictures a second, where nobody says."""
NAMED = 5
"""How many missing numbers an error names."""


def is_numbered(path: Path) -> bool:
    """Whether an output stands for numbered pictures: its name holds `%d` or `%05d`.

    Under the suffix of a film it is a file: a folder's films may have any names.
    """
    return bool(PLACE.search(path.name)) and path.suffix.lower() not in FILM_SUFFIXES


def is_sequence(path: Path) -> bool:
    """Whether an input stands for numbered pictures; a file of that very name is a film."""
    return is_numbered(path) and not path.is_file()


def parse_frame_rate(value: Any) -> Fraction:
    """Return pictures a second from a number or a text such as `24000/1001`.

    Raises:
        InputError: not a number above 0.
    """
    try:
        rate = Fraction(value).limit_denominator(1001)
    except (ValueError, TypeError, ZeroDivisionError):
        rate = Fraction(0)
    if not 0 < rate <= 1000:
        raise InputError(f"A frame rate is above 0 and at most 1000. Received: {value!r}.")
    return rate


@dataclass(frozen=True)
class ImageSequence:
    """The numbered pictures of a pattern.

    Attributes:
        pattern: a path whose name holds the place of the number.
        numbers: in rising order, without a gap.
    """

    pattern: Path
    numbers: range

    def path(self, number: int) -> Path:
        """Return the path of a picture."""
        return numbered_path(self.pattern, number)

    def open(self, frame_rate: Fraction) -> Any:
        """Open the pictures as one PyAV container."""
        options = {"framerate": str(frame_rate), "start_number": str(self.numbers.start)}
        return import_av().open(file_name(self.pattern), format="image2", options=options)

    def check(self) -> None:
        """Open every picture once.

        Raises:
            InputError: a picture cannot be read, or its size is not that of the first.
        """
        av, first = import_av(), None
        for number in self.numbers:
            path = self.path(number)
            try:
                with av.open(file_name(path)) as picture:
                    context = picture.streams.video[0].codec_context
                    size = context.height, context.width
            except (av.error.FFmpegError, IndexError) as error:
                raise InputError(
                    f"Not a picture that can be read: {path} ({reason_of(error)})"
                ) from error
            first = first or size
            if size != first:
                raise InputError(
                    f"The pictures of a sequence have one size, here {first[1]}x{first[0]} pixels. "
                    f"Received: {path} of {size[1]}x{size[0]}. Resize it."
                )


def numbered_path(pattern: Path, number: int) -> Path:
    """Return the path that a pattern gives to a number."""
    return pattern.with_name(PLACE.sub(lambda place: _digits(place, number), pattern.name, 1))


def find_numbers(pattern: Path) -> list[int]:
    """Return the numbers of the pictures that exist, in rising order."""
    place = PLACE.search(pattern.name)
    assert place is not None  # `is_numbered` comes first
    before, after = pattern.name[: place.start()], pattern.name[place.end() :]
    fitting = re.compile(re.escape(before) + r"(\d+)" + re.escape(after))
    if not pattern.parent.is_dir():
        return []
    found = (fitting.fullmatch(path.name) for path in pattern.parent.iterdir())
    numbers = {int(match[1]) for match in found if match}
    return sorted(number for number in numbers if numbered_path(pattern, number).is_file())


def find_sequence(pattern: Path) -> ImageSequence:
    """Find the numbered pictures of a pattern.

    Raises:
        MissingFileError: there is none.
        InputError: numbers are missing between the first and the last.
    """
    numbers = find_numbers(pattern)
    if not numbers:
        raise MissingFileError(f"No pictures like {pattern}.")
    every = range(numbers[0], numbers[-1] + 1)
    missing = sorted(set(every) - set(numbers))
    if missing:
        named = ", ".join(numbered_path(pattern, number).name for number in missing[:NAMED])
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        raise InputError(
            f"The numbers of a sequence follow each other. Received: {pattern} without {named}"
            f"{more}. Add them, or number the pictures anew."
        )
    return ImageSequence(pattern, every)


def check_empty(pattern: Path) -> None:
    """Refuse an output whose pictures would mix with others.

    Raises:
        InputError: numbered pictures of this pattern exist.
    """
    numbers = find_numbers(pattern)
    if numbers:
        raise InputError(
            f"The output's pictures need a folder without others of their kind. Received: {pattern}"
            f", where {numbered_path(pattern, numbers[0]).name} exists. Give another folder."
        )


def write_sequence(pictures: Iterable[np.ndarray], pattern: Path, first: int) -> None:
    """Write pictures, uint8 [H, W, 3 or 4], under rising numbers: all of them, or none.

    Raises:
        OSError: the folder cannot be written.
    """
    pattern.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".writing-", dir=pattern.parent))
    try:
        for number, picture in enumerate(pictures, first):
            write_image(numbered_path(folder / pattern.name, number), picture)
        for path in sorted(folder.iterdir()):
            path.replace(pattern.parent / path.name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _digits(place: re.Match, number: int) -> str:
    width = int(place[2] or 0)
    return f"{number:0{width}d}" if place[1] else f"{number:{width}d}"
