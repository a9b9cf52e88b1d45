"""Reads maps of class numbers as they are stored, unlike mattes, which are scaled to 0..255."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
from PIL import Image

from tfmatting.errors import InputError
from tfmatting.imaging.io import ImageError
from tfmatting.imaging.photo_files.formats import HEAD, recognise
from tfmatting.imaging.photo_files.metadata import orientation_of
from tfmatting.imaging.photo_files.opening import open_picture, quiet_pillow
from tfmatting.imaging.photo_files.orientation import turn_upright
from tfmatting.imaging.photo_files.reading import read_bytes
from tfmatting.imaging.visualization import palette

IGNORED = 255
"""The number of pixels that no class is stated for, as in PASCAL VOC's outlines."""
IGNORED_TRUTH = -1.0
"""What a truth's first channel is for such a pixel, in training."""
LOSSY = ("JPEG", "AVIF", "HEIF")


def read_class_map(path: str | Path) -> np.ndarray:
    """Read the class number of every pixel.

    Args:
        path: a grey image, whose values are the numbers; an image with a palette, whose indices
            are; three equal channels; or the colours of VOC's palette.

    Returns:
        uint8 [H, W], or uint16 where a number exceeds 255. Upright; 255 = no class stated.

    Raises:
        MissingFileError: no such file.
        ImageError: unreadable, a lossy format, negative numbers, fractions, or colours that are
            not VOC's.
    """
    data = read_bytes(path)
    kind = recognise(data[:HEAD])
    if kind is None or kind in LOSSY:
        raise ImageError(
            f"Class numbers are kept in PNG, TIFF, BMP or GIF. Received: {path}, "
            f"{'a ' + kind + ', which changes them' if kind else 'not a picture'}."
        )
    try:
        with quiet_pillow(), open_picture(data, kind, str(path)) as picture:
            numbers = _numbers(picture, path)
            orientation = orientation_of(picture)
    except InputError:
        raise
    except Exception as error:  # Pillow's decoders stumble in many ways
        raise ImageError(f"The {kind} image {path} is damaged ({error}). Copy it again.") from error
    return np.ascontiguousarray(turn_upright(numbers, orientation))


def _numbers(picture: Image.Image, path: str | Path) -> np.ndarray:
    values = np.asarray(picture)
    if picture.mode in ("LA", "PA", "RGBA"):
        values = values[..., :-1]  # a mask's transparency says nothing
    if values.ndim == 3:
        if (values == values[..., :1]).all():
            values = values[..., 0]
        else:
            values = _from_colours(values, path)
    if values.dtype == bool:
        return values.astype(np.uint8)
    if values.dtype.kind == "f" and (values != np.round(values)).any():
        raise ImageError(f"Class numbers are whole. Received: {path}, with fractions.")
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > 65535:
        raise ImageError(
            f"Class numbers lie between 0 and 65535. Received: {path}, {low} to {high}."
        )
    return values.astype(np.uint8 if high < 256 else np.uint16)


def _from_colours(colours: np.ndarray, path: str | Path) -> np.ndarray:
    """Class numbers of VOC's colours: uint8 [H, W, 3] -> uint8 [H, W]."""
    codes = colours.astype(np.int32) @ np.array([65536, 256, 1])
    order, known = _voc_codes()
    places = np.searchsorted(known, codes).clip(0, len(known) - 1)
    if (known[places] != codes).any():
        raise ImageError(
            f"A mask in colours has those of PASCAL VOC's palette. Received: {path}, with others. "
            "Save the class numbers, in grey or with a palette."
        )
    return order[places].astype(np.uint8)


@functools.cache
def _voc_codes() -> tuple[np.ndarray, np.ndarray]:
    """The class numbers in the order of their colours' codes, and the codes."""
    codes = palette().astype(np.int32) @ np.array([65536, 256, 1])
    order = np.argsort(codes)
    return order, codes[order]
