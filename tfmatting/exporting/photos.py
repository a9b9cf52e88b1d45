"""Photos to calibrate on and to compare with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from tfmatting.config import Size
from tfmatting.datasets.clips import FrameSource
from tfmatting.datasets.names import SAMPLE
from tfmatting.datasets.parts import is_data_set, read_parts
from tfmatting.datasets.sample import FileSource, SampleSource
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.errors import InputError, MissingFileError
from tfmatting.imaging.io import ImageError, list_images, read_image
from tfmatting.imaging.resize import resize

CALIBRATION_PHOTOS = 100
MOST_EXTREME = 0.98
"""A grey picture of black and white, with so little else, is a mask."""
CHECKED = 7
"""How many of the calibration photos an export is compared on, beside a real portrait."""


def read_photos(
    source: str | Path | Sequence[np.ndarray], count: int, size: Size | None = None
) -> list[np.ndarray]:
    """Read photos spread evenly over a data set or a folder, or draw samples.

    Args:
        source: a data set in a known layout, whose training part is taken; a folder of photos;
            "sample"; or photos uint8 [H, W, 3] that are in memory already.
        count: the largest number of photos to read.
        size: (height, width) that they are wanted at: larger photos shrink as they are read,
            until one side has that length. Photos in memory stay as they are.

    Returns:
        Photos uint8 [H, W, 3].

    Raises:
        MissingFileError, ImageError: no such folder, no pictures in it, an unreadable one, or
            mattes among the photos.
        InputError: an empty list of photos, or a data set without a training part.
    """
    if not isinstance(source, str | Path):
        photos = list(source)
        if not photos:
            raise InputError("An export is compared on at least one photo. Received: none.")
        return photos
    readers = _readers(source, count)
    chosen = np.unique(np.linspace(0, len(readers) - 1, min(count, len(readers))).round())
    return [_shrunk(readers[index](), size) for index in chosen.astype(int)]


def shrunk_image(source: SampleSource, size: Size) -> np.ndarray:
    """The photo of a sample, uint8 [H, W, 3], shrunk as `read_photos` does."""
    return _shrunk(_image_of(source), size)


def _readers(source: str | Path, count: int) -> list[Callable[[], np.ndarray]]:
    """What reads each photo of a source."""
    if source == SAMPLE:
        return [partial(_image_of, item) for item in sample_listing(count, seed=2).sources]
    folder = Path(source)
    if not folder.is_dir():
        raise MissingFileError(f"No folder at {folder}.")
    if not is_data_set(folder):
        inner = (folder / "train" / "image", folder / "image")
        paths = list_images(next((path for path in inner if path.is_dir()), folder))
        if not paths:
            raise ImageError(f"No pictures in {folder}.")
        return [partial(_photo, path) for path in paths]
    parts = read_parts(folder)
    if parts.train is None or not parts.train.sources:
        problems = parts.train.problems if parts.train else ()
        reason = f" First problem: {problems[0].reason}." if problems else ""
        raise InputError(f"Calibration takes training photos. {folder} has none.{reason}")
    return [partial(_image_of, item) for item in parts.train.sources]


def _image_of(source: SampleSource) -> np.ndarray:
    """The photo of a sample; where it is a file of its own, the matte need not be read."""
    if type(source) is FileSource or type(source) is FrameSource:
        return read_image(source.image_path)
    return source.load().image


def _photo(path: Path) -> np.ndarray:
    """Read a photo of a folder that is no data set.

    Raises:
        ImageError: it is a matte.
    """
    photo = read_image(path)
    grey = (photo == photo[..., :1]).all()
    if (
        grey
        and photo.min() < 8
        and photo.max() > 247
        and ((photo < 8) | (photo > 247)).mean() > MOST_EXTREME
    ):
        raise ImageError(
            f"Calibration takes photos. Received: {path}, which is black and white as a mask is. "
            "Give a folder of photos alone, or a data set in a known layout."
        )
    return photo


def _shrunk(photo: np.ndarray, size: Size | None) -> np.ndarray:
    """The smallest photo of the same proportions with neither side below the size's."""
    if size is None:
        return photo
    scale = max(wanted / side for wanted, side in zip(size, photo.shape[:2], strict=True))
    if scale >= 1:
        return photo
    height, width = photo.shape[:2]
    return resize(photo, (round(height * scale), round(width * scale)))


def check_photos(calibration: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return the photos to compare an export on: a real portrait and some of the calibration's."""
    from skimage import data

    return [data.astronaut(), *calibration[:CHECKED]]
