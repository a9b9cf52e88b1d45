"""What a mask must be before anything learns from it or is judged by it.

A mask on another scale than 0..255 spoils everything without a word: 0 and 1, or VOC's 0 and 15,
are an almost empty alpha, and a network that finds nobody has an IoU of 1.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import cv2
import numpy as np

from tfmatting.errors import InputError
from tfmatting.imaging.class_maps import IGNORED, read_class_map
from tfmatting.imaging.io import ImageError

LEAST_FOREGROUND = 200
"""The highest value of a mask is at least this; a person's inside is opaque."""
MOST_BACKGROUND = 55
"""The lowest value of a mask is at most this."""
MOST_CLASSES = 40
"""A map with more different numbers than these between 0 and 255 is a soft matte."""
FAR_FROM_TRIMAP = np.abs(np.arange(256)[:, None] - (0, 128, 255)).min(axis=1) > 24
"""The values that a lossy file makes of none of the three."""
REMEDY = (
    "Class numbers train a segmenter with --classes; `--person N` of evaluate and prepare takes "
    "class N for the person, and `prepare --binarize N` all values above N"
)


def check_matte(identifier: str, alpha: np.ndarray, path: Path | None = None) -> None:
    """Refuse an alpha that would silently spoil training or evaluation.

    Args:
        identifier: of the sample.
        alpha: uint8 [H, W].
        path: of the file, whose own values the message then names.

    Raises:
        ImageError: all foreground or background, on another scale than 0..255, or class numbers.
    """
    low, high = int(alpha.min()), int(alpha.max())
    if 0 < high < LEAST_FOREGROUND or _holds_numbers(alpha, high):
        raise ImageError(
            f"An alpha runs from 0 to 255. Received: {identifier} with {_values(alpha, path)}. "
            f"{REMEDY}."
        )
    if high == 0 or low > MOST_BACKGROUND:
        if path is not None and high == 0 and (values := _values(alpha, path)) != "values 0":
            raise ImageError(
                f"An alpha runs from 0 to 255. Received: {identifier} with {values}. {REMEDY}."
            )
        raise ImageError(
            f"An alpha must hold foreground and background. Received: {identifier}, "
            + (f"all {high}." if low == high else f"{low} to {high}.")
        )


def check_trimap(identifier: str, trimap: np.ndarray) -> None:
    """Refuse a trimap of other values than 0, 128 and 255, lossy files apart.

    Raises:
        ImageError: many pixels are far from all three, or the trimap is on another scale.
    """
    counts = _count(trimap)
    high = int(np.flatnonzero(counts)[-1])
    if 0 < high < 100 or counts[FAR_FROM_TRIMAP].sum() > 0.02 * counts.sum():
        raise ImageError(
            f"A trimap holds 0, 128 and 255. Received: {identifier} with {_values(trimap, None)}. "
            "Save it on that scale, or remove it: it is then drawn from the alpha."
        )


def check_labels(identifier: str, labels: np.ndarray, classes: int) -> None:
    """Refuse a map of class numbers that would spoil training.

    Args:
        identifier: of the sample.
        labels: uint8 or uint16 [H, W]; 255 = no class stated.
        classes: how many there are.

    Raises:
        ImageError: a number outside the classes, or a single class.
    """
    stated = labels[labels != IGNORED]
    highest = int(stated.max()) if stated.size else IGNORED
    if stated.size and highest >= classes:
        raise ImageError(
            f"A mask of {classes} classes holds 0 to {classes - 1}, and {IGNORED} where nothing "
            f"is stated. Received: {identifier} with {highest}. Give --classes {highest + 1}, or "
            "renumber the mask."
        )
    if not stated.size or stated.min() == highest:
        raise ImageError(
            f"A mask must hold at least two classes. Received: {identifier}, all {highest}."
        )


def _holds_numbers(alpha: np.ndarray, high: int) -> bool:
    """Whether a map that reaches 255 is class numbers with VOC's 255 for what has no class.

    A soft matte has values on both sides of its middle, a lossy file has many.
    """
    counts = _count(alpha)
    between = counts[1:255]
    numbers = np.flatnonzero(between)
    if high != IGNORED or not 0 < len(numbers) <= MOST_CLASSES or between[127:].any():
        return False
    return between.sum() > 0.02 * (between.sum() + counts[255])


def _count(values: np.ndarray) -> np.ndarray:
    """How many pixels of a map uint8 [H, W] have each of the 256 values."""
    return cv2.calcHist([np.ascontiguousarray(values)], [0], None, [256], [0, 256]).ravel()


def _values(alpha: np.ndarray, path: Path | None) -> str:
    """The values of a mask as its file has them: "values 0 and 15"."""
    stored = alpha
    if path is not None:
        with contextlib.suppress(InputError, OSError):  # a lossy file, say: its values as read
            stored = read_class_map(path)
    values = np.unique(stored)
    if len(values) > 4:
        return f"values {values[0]} to {values[-1]}"
    return "values " + " and ".join(str(value) for value in values)
