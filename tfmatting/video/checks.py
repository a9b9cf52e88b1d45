"""What is checked before the first frame is matted."""

from __future__ import annotations

from pathlib import Path

from tfmatting.errors import InputError, MissingFileError
from tfmatting.video.encoding import ENCODINGS, Encoding


def check_video_file(path: Path) -> None:
    """Refuse a path that is not a file.

    Raises:
        MissingFileError: there is no such file.
    """
    if not path.is_file():
        raise MissingFileError(f"No video at {path}.")


def check_output(path: Path, *, transparent: bool, source: Path | None = None) -> Encoding:
    """Return the encoding of an output file.

    Args:
        path: the output file.
        transparent: the pictures have an alpha channel.
        source: the input video, which must not be overwritten.

    Raises:
        InputError: the suffix is unknown, the container has no transparency, or `path` is
            `source`.
    """
    suffix = path.suffix.lower()
    if suffix not in ENCODINGS:
        raise InputError(f"A video's name ends in {', '.join(ENCODINGS)}. Received: {path.name!r}.")
    encoding = ENCODINGS[suffix]
    if transparent and not encoding.alpha_codec:
        able = [name for name, entry in ENCODINGS.items() if entry.alpha_codec]
        raise InputError(
            f"{suffix} holds no transparency. Received: {path.name!r}. Use {', '.join(able)}, or "
            "--background blur."
        )
    if source is not None and path.resolve() == source.resolve():
        raise InputError(f"The video would be overwritten: {path}.")
    return encoding
