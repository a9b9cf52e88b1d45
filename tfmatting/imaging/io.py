"""Reading and writing image files. Arrays in memory are RGB; broken files raise errors."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from tfmatting.errors import InputError, MissingFileError
from tfmatting.files import write_bytes
from tfmatting.imaging.opencv_log import quiet_opencv

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
JPEG_START, JPEG_SCAN, JPEG_END = b"\xff\xd8", b"\xff\xda", b"\xff\xd9"


class ImageError(InputError):
    """An image file that cannot be read, or that does not hold what it should."""


def list_images(folder: str | Path) -> list[Path]:
    """List the image files in a folder by suffix, sorted by name. Subfolders are not searched."""
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
        with quiet_opencv():
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
    """Read a photo as RGB.

    The EXIF orientation is applied. Grey images become RGB, 16-bit images become 8-bit, and
    transparent images are composited over white.

    Returns:
        uint8 [H, W, 3].

    Raises:
        MissingFileError: the file does not exist.
        ImageError: the file is empty, truncated, or not an image.
    """
    data = _read_bytes(path)
    if not data.startswith(JPEG_START):
        picture = _decode(data, cv2.IMREAD_UNCHANGED, path)
        if picture.ndim == 3 and picture.shape[2] == 4:
            picture = _to_uint8(picture)
            opacity = picture[:, :, 3:].astype(np.uint16)
            over_white = (picture[:, :, :3] * opacity + 255 * (255 - opacity) + 127) // 255
            return cv2.cvtColor(over_white.astype(np.uint8), cv2.COLOR_BGR2RGB)
    # Only IMREAD_COLOR applies the EXIF orientation.
    return _decode(data, cv2.IMREAD_COLOR_RGB, path)


def read_alpha(path: str | Path, channel: int | None = None) -> np.ndarray:
    """Read an alpha matte.

    Args:
        path: a grey image, an image of three equal channels, or one with alpha in `channel`.
        channel: index of the alpha channel. AISegment's cut-outs keep it in channel 3.

    Returns:
        uint8 [H, W], 255 = foreground.

    Raises:
        MissingFileError: the file does not exist.
        ImageError: unreadable, no such channel, or three channels that differ.
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
    if disagreement > 1:  # a lossy encoding of grey can differ by 1
        raise ImageError(
            f"The three channels of an alpha must agree. Received: {path}, where they differ by "
            f"up to {disagreement}. Is it a photo, or a colour-coded mask?"
        )
    return np.ascontiguousarray(picture[:, :, 0])


def alpha_to_uint8(alpha: np.ndarray) -> np.ndarray:
    """Convert alpha in [0, 1] to 0..255 by rounding; uint8 of the same shape."""
    return (alpha * 255 + 0.5).astype(np.uint8)


def read_rgba(path: str | Path) -> np.ndarray:
    """Read a cut-out.

    Returns:
        uint8 [H, W, 4]: RGB, not premultiplied, and alpha.

    Raises:
        MissingFileError: the file does not exist.
        ImageError: unreadable, or no alpha channel.
    """
    picture = _to_uint8(_decode(_read_bytes(path), cv2.IMREAD_UNCHANGED, path))
    if picture.ndim != 3 or picture.shape[2] != 4:
        raise ImageError(f"A cut-out needs an alpha channel. Received: {path} without one.")
    return cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA)


def write_image(path: str | Path, picture: np.ndarray) -> None:
    """Write an image. The suffix selects the format. A failed write leaves no file behind.

    Args:
        path: ends in one of `IMAGE_SUFFIXES`.
        picture: uint8 [H, W] grey, [H, W, 3] RGB or [H, W, 4] RGBA.

    Raises:
        InputError: an unknown suffix, or RGBA in a format without an alpha channel.
        OSError: the folder is not writable.
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
