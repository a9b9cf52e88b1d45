"""What is checked before the first frame is matted."""

from __future__ import annotations

from pathlib import Path

from tfmatting.errors import InputError, MissingFileError
from tfmatting.video.encoding import ENCODINGS, GIF, PICTURES, Encoding
from tfmatting.video.image_sequence import check_empty, is_numbered


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
        InputError: the suffix is unknown, the container has no transparency, `path` is `source`,
            or numbered pictures would mix with others.
    """
    suffix = path.suffix.lower()
    encodings = PICTURES if is_numbered(path) else {**ENCODINGS, ".gif": GIF}
    if suffix not in encodings:
        kind = "a numbered picture's" if is_numbered(path) else "A video's"
        raise InputError(
            f"{kind.capitalize()} name ends in {', '.join(encodings)}. Received: {path.name!r}."
        )
    encoding = encodings[suffix]
    if transparent and not encoding.alpha_codec:
        able = [name for name, entry in encodings.items() if entry.alpha_codec]
        raise InputError(
            f"{suffix} holds no transparency. Received: {path.name!r}. Use {', '.join(able)}, or "
            "--background blur."
        )
    if source is not None and path.resolve() == source.resolve():
        raise InputError(f"The video would be overwritten: {path}.")
    if is_numbered(path):
        check_empty(path)
    return encoding
