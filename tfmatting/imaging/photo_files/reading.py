"""Reads image files. Broken files raise errors that name the file, the fault and the remedy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import UnidentifiedImageError

from tfmatting.errors import MissingExtraError, MissingFileError
from tfmatting.imaging.photo_files.decoding import Decoded, decode, decode_unopened_tiff
from tfmatting.imaging.photo_files.formats import HEAD, describe_other, recognise
from tfmatting.imaging.photo_files.image_error import ImageError
from tfmatting.imaging.photo_files.jpeg import find_end
from tfmatting.imaging.photo_files.metadata import orientation_of, read_metadata
from tfmatting.imaging.photo_files.opening import LARGEST, open_picture, quiet_pillow
from tfmatting.imaging.photo_files.orientation import turn_upright
from tfmatting.imaging.photo_files.photo import Photo


def read_photo(path: str | Path) -> Photo:
    """Read a photo upright, with its colour profile, transparency and metadata.

    Args:
        path: JPEG, PNG, WebP, TIFF, BMP, GIF or AVIF; HEIC with the extra `heif`. The content
            counts, not the suffix. Of animations the first frame is read.

    Raises:
        MissingFileError: the file does not exist.
        MissingExtraError: HEIC without the extra.
        ImageError: the file is empty, truncated, not an image, or larger than `LARGEST`.
    """
    return decode_photo(read_bytes(path), str(path))


def read_image(path: str | Path) -> np.ndarray:
    """Read a photo as upright sRGB.

    Grey images become RGB, 16-bit images become 8-bit, and transparent images are composited
    over white. Colours are converted through the file's profile.

    Returns:
        uint8 [H, W, 3].

    Raises:
        MissingFileError, MissingExtraError, ImageError: see `read_photo`.
    """
    return read_photo(path).srgb()


def read_rgba(path: str | Path) -> np.ndarray:
    """Read a cut-out.

    Returns:
        uint8 [H, W, 4]: sRGB, not premultiplied, and alpha.

    Raises:
        MissingFileError, MissingExtraError, ImageError: see `read_photo`; or no alpha channel.
    """
    photo = read_photo(path).in_srgb()
    if photo.opacity is None:
        raise ImageError(f"A cut-out needs an alpha channel. Received: {path} without one.")
    return np.dstack([photo.pixels, photo.opacity])


def read_alpha(path: str | Path, channel: int | None = None) -> np.ndarray:
    """Read an alpha matte.

    Args:
        path: a grey image, an image of three equal channels, or one with alpha in `channel`. Where
            a picture is of one colour and only its transparency varies, as in a white cut-out,
            that is the matte.
        channel: index of the alpha channel. AISegment's cut-outs keep it in channel 3.

    Returns:
        uint8 [H, W], 255 = foreground.

    Raises:
        MissingFileError: the file does not exist.
        ImageError: unreadable, no such channel, or three channels that differ.
    """
    decoded = _decode(read_bytes(path), str(path))
    channels = decoded.channels
    if channel is not None:
        if channel >= channels.shape[2]:
            raise ImageError(
                f"The alpha must be in channel {channel}. Received: {path} with "
                f"{channels.shape[2]} channel(s)."
            )
        return np.ascontiguousarray(channels[..., channel])
    transparency = _matte_in_transparency(channels, decoded.colours)
    if transparency is not None:
        return transparency
    disagreement = 0
    if decoded.colours > 1:
        colours = channels[..., : decoded.colours].astype(np.int16)
        disagreement = int(np.abs(colours - colours[..., :1]).max())
    if disagreement > 1:  # a lossy encoding of grey can differ by 1
        raise ImageError(
            f"The three channels of an alpha must agree. Received: {path}, where they differ by "
            f"up to {disagreement}. Is it a photo, or a colour-coded mask?"
        )
    return np.ascontiguousarray(channels[..., 0])


def _matte_in_transparency(channels: np.ndarray, colours: int) -> np.ndarray | None:
    """The transparency of a picture of a single colour; None where colours say something.

    Args:
        channels: uint8 [H, W, C].
        colours: how many of the channels are colours.
    """
    if channels.shape[2] == colours:
        return None
    transparency = channels[..., colours]
    visible = transparency > 0
    if not visible.any() or transparency.min() == transparency.max():
        return None
    shown = channels[visible][:, :colours]
    if (shown != shown[0]).any():
        return None
    return np.ascontiguousarray(transparency)


def read_bytes(path: str | Path) -> bytes:
    """Read a file whole.

    Raises:
        MissingFileError, ImageError: no such file, a folder, or an empty file.
    """
    path = Path(path)
    if path.is_dir():
        raise ImageError(f"A picture file is needed. Received the folder {path}.")
    if not path.exists():
        raise MissingFileError(f"No picture at {path}.")
    if not path.is_file():
        raise ImageError(f"A picture file is needed. Received: {path}, which is not a file.")
    data = path.read_bytes()
    if not data:
        raise ImageError(f"The picture {path} is empty (0 bytes). Copy it again.")
    return data


def decode_photo(data: bytes, name: str) -> Photo:
    """Decode a photo from a file's bytes; `name` stands in error messages. See `read_photo`."""
    decoded = _decode(data, name)
    pixels, opacity = decoded.photo()
    return Photo(pixels, opacity, decoded.metadata, decoded.notes)


def _decode(data: bytes, name: str) -> Decoded:
    kind = recognise(data[:HEAD])
    if kind is None:
        raise ImageError(
            f"Not a picture that can be read: {name} ({describe_other(data[:HEAD])}). Supported: "
            "JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF, HEIC, JPEG 2000, PPM."
        )
    if kind == "JPEG" and find_end(data) is None:
        raise ImageError(f"The JPEG {name} is truncated ({len(data)} bytes). Copy it again.")
    if kind == "HEIF":
        _register_heif(name)
    try:
        with quiet_pillow():
            picture = open_picture(data, kind, name)
            decoded = decode(picture, data, kind)
            orientation = orientation_of(picture)
            metadata = read_metadata(picture)
            decoded = decoded.with_metadata(metadata)
    except ImageError as error:
        raise error if name in str(error) else ImageError(f"{name}: {error}") from error
    except UnidentifiedImageError as error:
        if kind == "TIFF":
            return _decode_unopened(data, name)
        raise ImageError(f"The {kind} image {name} is damaged. Copy it again.") from error
    except MemoryError as error:
        raise ImageError(f"{name} does not fit in memory. Close other programs.") from error
    except Exception as error:  # Pillow's decoders stumble in many ways
        what = str(error).strip().splitlines()[0][:100] if str(error).strip() else "no details"
        raise ImageError(f"The {kind} image {name} is damaged ({what}). Copy it again.") from error
    return decoded.turned(lambda array: turn_upright(array, orientation))


def _decode_unopened(data: bytes, name: str) -> Decoded:
    try:
        with quiet_pillow():
            return decode_unopened_tiff(data, LARGEST)
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from error
    except Exception as error:  # see `_decode`
        raise ImageError(f"The TIFF image {name} is damaged. Copy it again.") from error


def _register_heif(name: str) -> None:
    try:
        import pillow_heif
    except ImportError as error:
        raise MissingExtraError(
            f"HEIC photos need pillow-heif. Received: {name}. Run `pip install 'tfmatting[heif]'`."
        ) from error
    pillow_heif.register_heif_opener()
