"""Reading and writing pictures: RGB in memory, loud about what is broken."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from tfmatting.errors import InputError, MissingFileError
from tfmatting.files import write_bytes

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
JPEG_START, JPEG_SCAN, JPEG_END = b"\xff\xd8", b"\xff\xda", b"\xff\xd9"

# OpenCV prints a warning of its own for each broken file, beside the error raised here.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


class ImageError(InputError):
    """A picture that cannot be read, or is not what it should be."""


def list_images(folder: str | Path) -> list[Path]:
    """List the pictures in a folder by suffix, sorted by name; sub-folders are not entered."""
    folder = Path(folder)
    if not folder.is_dir():
        raise MissingFileError(f"No folder at {folder}.")
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES)


def _read_bytes(path: str | Path) -> bytes:
    path = Path(path)
    if path.is_dir():
        raise ImageError(f"A picture file is needed. Received the folder {path}.")
    if not path.is_file():
        raise MissingFileError(f"No picture at {path}.")
    data = path.read_bytes()
    if not data:
        raise ImageError(f"The picture {path} is empty (0 bytes). Copy it again.")
    if data.startswith(JPEG_START) and data.rfind(JPEG_END) < data.rfind(JPEG_SCAN):
        raise ImageError(f"The JPEG {path} is truncated ({len(data)} bytes). Copy it again.")
    return data


def _decode(data: bytes, flags: int, path: str | Path) -> np.ndarray:
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        picture = None
    if picture is None:
        raise ImageError(
            f"Not a picture that can be read: {path}. Supported: {', '.join(IMAGE_SUFFIXES)}."
        )
    return picture


def _to_uint8(picture: np.ndarray) -> np.ndarray:
    if picture.dtype == np.uint8:
        return picture
    if picture.dtype == np.uint16:
        return ((picture.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
    return np.clip(picture * 255.0 + 0.5, 0, 255).astype(np.uint8)


def read_image(path: str | Path) -> np.ndarray:
    """Read a photo as RGB, turned upright by its EXIF orientation.

    Grey becomes RGB, 16-bit becomes 8-bit, and transparency is laid over white.

    Returns:
        uint8 [H, W, 3].

    Raises:
        FileNotFoundError: no such file.
        ImageError: empty, truncated, or not a picture.
    """
    data = _read_bytes(path)
    if not data.startswith(JPEG_START):
        picture = _decode(data, cv2.IMREAD_UNCHANGED, path)
        if picture.ndim == 3 and picture.shape[2] == 4:
            picture = _to_uint8(picture)
            opacity = picture[:, :, 3:].astype(np.uint16)
            over_white = (picture[:, :, :3] * opacity + 255 * (255 - opacity) + 127) // 255
            return cv2.cvtColor(over_white.astype(np.uint8), cv2.COLOR_BGR2RGB)
    # IMREAD_COLOR alone follows the EXIF orientation
    return _decode(data, cv2.IMREAD_COLOR_RGB, path)


def read_alpha(path: str | Path, channel: int | None = None) -> np.ndarray:
    """Read an alpha matte.

    Args:
        path: a grey picture, one of three equal channels, or one with the alpha in `channel`.
        channel: index of the alpha channel (AISegment's cut-outs keep it in 3).

    Returns:
        uint8 [H, W], 255 = foreground.

    Raises:
        FileNotFoundError: no such file.
        ImageError: unreadable, no such channel, or three channels that disagree.
    """
    picture = _to_uint8(_decode(_read_bytes(path), cv2.IMREAD_UNCHANGED, path))
    channels = 1 if picture.ndim == 2 else picture.shape[2]
    if channel is not None:
        if channel >= channels:
            raise ImageError(
                f"The alpha must be in channel {channel}. Received: {path} with {channels} "
                "channel(s)."
            )
        return np.ascontiguousarray(picture[:, :, channel])
    if channels == 1:
        return picture
    colours = picture[:, :, :3].astype(np.int16)
    disagreement = int(np.abs(colours - colours[:, :, :1]).max())
    if disagreement > 1:  # lossy grey encodings differ by one
        raise ImageError(
            f"The three channels of an alpha must agree. Received: {path}, where they differ by "
            f"up to {disagreement}. Is it a photo, or a colour-coded mask?"
        )
    return np.ascontiguousarray(picture[:, :, 0])


def alpha_to_uint8(alpha: np.ndarray) -> np.ndarray:
    """Round alpha in [0, 1] to 0..255, uint8 of the same shape."""
    return (alpha * 255 + 0.5).astype(np.uint8)


def read_rgba(path: str | Path) -> np.ndarray:
    """Read a cut-out.

    Returns:
        uint8 [H, W, 4], RGB and alpha, not premultiplied.

    Raises:
        FileNotFoundError, ImageError: unreadable, or without transparency.
    """
    picture = _to_uint8(_decode(_read_bytes(path), cv2.IMREAD_UNCHANGED, path))
    if picture.ndim != 3 or picture.shape[2] != 4:
        raise ImageError(f"A cut-out needs an alpha channel. Received: {path} without one.")
    return cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA)


def write_image(path: str | Path, picture: np.ndarray) -> None:
    """Write a picture whole or not at all; the format follows from the suffix.

    Args:
        path: ends in one of `IMAGE_SUFFIXES`.
        picture: uint8 [H, W] grey, [H, W, 3] RGB or [H, W, 4] RGBA.

    Raises:
        ValueError: a suffix that OpenCV cannot write, or RGBA into a format without alpha.
        OSError: the folder cannot be written to.
    """
    path = Path(path)
    channels = 1 if picture.ndim == 2 else picture.shape[2]
    suffix = path.suffix.lower()
    if suffix not in IMAGE_SUFFIXES:
        raise InputError(
            f"A picture's name ends in {', '.join(IMAGE_SUFFIXES)}. Received: {path.name!r}."
        )
    if channels == 4 and suffix not in (".png", ".webp", ".tif", ".tiff"):
        raise InputError(
            f"{suffix} holds no transparency. Received: {path.name!r}. Use .png, or give a "
            "--background."
        )
    codes = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    if channels in codes:
        picture = cv2.cvtColor(picture, codes[channels])
    quality = [cv2.IMWRITE_JPEG_QUALITY, 95] if suffix in (".jpg", ".jpeg") else []
    written, data = cv2.imencode(suffix, picture, quality)
    if not written:
        raise InputError(f"OpenCV could not encode {path.name!r} ({picture.shape}).")
    write_bytes(path, data.tobytes())
