"""Opens pictures with Pillow: the header is read, and what states too many pixels is refused."""

from __future__ import annotations

import contextlib
import io
import struct
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from tfmatting.imaging.photo_files.image_error import ImageError

LARGEST = 500_000_000
"""Pixels of the largest image that is read; a small file can declare far more."""
_limit = threading.Lock()


def open_picture(file: bytes | Path, kind: str, name: str) -> Image.Image:
    """Open a picture without decoding its pixels.

    Args:
        file: its bytes, or its path.
        kind: Pillow's name of the format, the only one that is tried.
        name: for errors.

    Raises:
        ImageError: more than `LARGEST` pixels.
        PIL.UnidentifiedImageError, OSError, SyntaxError, ValueError: a damaged file.
    """
    with quiet_pillow(), _no_pixel_limit():
        picture = _open(file, kind)
    if picture.width * picture.height > LARGEST:
        raise ImageError(
            f"A picture has at most {LARGEST / 1e6:.0f} million pixels. Received: {name}, "
            f"{picture.width}x{picture.height}."
        )
    return picture


def _open(file: bytes | Path, kind: str) -> Image.Image:
    """Open a picture; a JPEG without the readers of four other formats, which take 20 ms to import.

    Raises:
        UnidentifiedImageError: a damaged file.
    """
    if kind == "PNG":
        from PIL import PngImagePlugin

        # editors write megabytes of XMP in one chunk; the sum of all stays limited
        PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY
    if kind != "JPEG" or isinstance(file, Path):
        source = io.BytesIO(file) if isinstance(file, bytes) else str(file)
        return Image.open(source, formats=[kind])
    from PIL.JpegImagePlugin import jpeg_factory

    try:
        return jpeg_factory(io.BytesIO(file))
    except (SyntaxError, IndexError, TypeError, struct.error) as error:  # as Image.open does
        raise UnidentifiedImageError from error


@contextlib.contextmanager
def quiet_pillow() -> Iterator[None]:
    """Silence warnings on metadata that Pillow repairs; other threads keep all other warnings."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        yield


@contextlib.contextmanager
def _no_pixel_limit() -> Iterator[None]:
    """Lift Pillow's own limit, which a 200-megapixel phone exceeds; ours is checked instead."""
    with _limit:
        before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before
