"""What is checked before the first frame is matted."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tfmatting.config import Size
from tfmatting.errors import InputError, MissingFileError
from tfmatting.files import same_file
from tfmatting.imaging.photo_files.formats import read_head, recognise
from tfmatting.imaging.photo_files.opening import open_picture
from tfmatting.video.encoding import ENCODINGS, GIF, PICTURES, Encoding
from tfmatting.video.image_sequence import check_empty, is_numbered, is_sequence

FREE = 50_000_000
"""Bytes that must be free at least; a film needs about as many as its input."""
LARGEST_FRAME = 8192 * 8192
"""Pixels of a film's picture; 8K has half as many."""
MOTION_JPEG = (".mjpeg", ".mjpg")
TEXT_START = 4096
"""Bytes of a film that has a zero among them."""
RAW_FILM = b"YUV4MPEG2"
"""The one kind of film that begins with a text."""
LEAD_ELSEWHERE = ("tty", "hls", "dash", "concat", "sdp", "rtsp", "imf", "vobsub", "lavfi")
"""FFmpeg's names of texts, and of what names further files and addresses to open."""
ANIMATED = ("GIF", "PNG", "WEBP", "AVIF")


def check_video_file(path: Path) -> None:
    """Refuse a path that is not a film.

    Raises:
        MissingFileError: there is no such file.
        InputError: a photo.
    """
    if not path.is_file():
        raise MissingFileError(f"No video at {path}.")
    if path.stat().st_size == 0:
        raise InputError(f"A video is needed. Received the empty file {path}.")
    kind = recognise(read_head(path))
    if kind and path.suffix.lower() not in MOTION_JPEG and not _is_animated(path, kind):
        raise InputError(f"A video is needed. Received the photo {path}. Use tfmatting matte.")
    if not kind and _is_text(path):
        raise InputError(f"A video is needed. Received the text {path}.")


def check_kind(path: Path, kind: str) -> None:
    """Refuse what FFmpeg would show as a film and what is none.

    Args:
        path: the file.
        kind: FFmpeg's name of its container.

    Raises:
        InputError: a text or a photo.
    """
    if kind in LEAD_ELSEWHERE:
        raise InputError(f"A video is needed. Received the text {path}.")
    still = kind == "image2" or kind.endswith("_pipe")
    if still and path.suffix.lower() not in MOTION_JPEG:
        raise InputError(f"A video is needed. Received the photo {path}. Use tfmatting matte.")


def check_size(size: Size, path: Path) -> None:
    """Refuse a film that has no even size left: codecs halve the colours.

    Raises:
        InputError: less than 2 rows or columns.
    """
    if min(size) < 2:
        raise InputError(
            f"A video has at least 2x2 pixels. Received: {path} of {size[1]}x{size[0]}."
        )


def check_area(size: Size, path: Path) -> None:
    """Refuse, before a frame is decoded, a film of far too large pictures.

    Raises:
        InputError: more than `LARGEST_FRAME` pixels.
    """
    if size[0] * size[1] > LARGEST_FRAME:
        raise InputError(
            f"A film's picture has at most {LARGEST_FRAME / 1e6:.0f} million pixels. Received: "
            f"{path} of {size[1]}x{size[0]}."
        )


def _is_text(path: Path) -> bool:
    """Whether a file begins as no film does: without a zero. Playlists do; they name others."""
    with path.open("rb") as file:
        start = file.read(TEXT_START)
    return b"\0" not in start and not start.startswith(RAW_FILM)


def _is_animated(path: Path, kind: str) -> bool:
    if kind not in ANIMATED:
        return False
    try:
        with open_picture(path, kind, str(path)) as picture:
            return getattr(picture, "n_frames", 1) > 1
    except InputError:
        raise
    except Exception:  # Pillow's decoders stumble in many ways
        return True  # the video reader says what is wrong with it


def check_output(
    path: Path, *, transparent: bool, source: Path | None = None, background: Path | None = None
) -> Encoding:
    """Return the encoding of an output file.

    Args:
        path: the output file.
        transparent: the pictures have an alpha channel.
        source, background: the input and what goes behind it, which must not be overwritten.

    Raises:
        InputError: the suffix is unknown, the container has no transparency, `path` is `source`
            or `background`, or numbered pictures would mix with others.
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
    for name, given in (("video", source), ("background", background)):
        if given is not None and _becomes(path, given):
            raise InputError(f"The {name} would be overwritten: {path}. Give another -o.")
    if is_numbered(path):
        check_empty(path)
    return encoding


def _becomes(output: Path, given: Path) -> bool:
    """Whether two paths lead to one file, there already or not: numbered pictures are a pattern."""
    return same_file(output, given) or os.path.realpath(output) == os.path.realpath(given)


def check_place(path: Path, source: Path) -> None:
    """Refuse, before the work, an output that cannot be written.

    Args:
        path: the output file; its folder is made when missing.
        source: the input, whose size is about what the output and its segments take each.

    Raises:
        InputError: the folder cannot be made or written to, or has too little space.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise InputError(
            f"The folder {path.parent} cannot be written to ({error.strerror}). Give another -o."
        ) from error
    if path.is_dir():
        raise InputError(f"A video is a file. Received the folder {path}.")
    pictures = source.parent.iterdir() if is_sequence(source) else [source]
    needed = max(FREE, 2 * sum(file.stat().st_size for file in pictures if file.is_file()))
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise InputError(
            f"The output needs about {needed / 1e6:.0f} MB of space. {path.parent} has "
            f"{free / 1e6:.0f} MB. Give another -o."
        )


def check_display() -> None:
    """Refuse a window where there is no display: Qt would end the process.

    Raises:
        InputError: neither X11 nor Wayland.
    """
    if sys.platform == "linux" and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        raise InputError(
            "A window needs a display. Received: none (DISPLAY is not set). Use a desktop, or "
            "--no-preview with --virtual-camera."
        )
