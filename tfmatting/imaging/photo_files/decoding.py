"""From an open picture to arrays: every mode and depth becomes 8-bit channels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from PIL import Image

from tfmatting.imaging.opencv_log import quiet_opencv
from tfmatting.imaging.photo_files import tiff
from tfmatting.imaging.photo_files.colour_profile import lab_to_srgb
from tfmatting.imaging.photo_files.image_error import ImageError
from tfmatting.imaging.photo_files.jpeg import START
from tfmatting.imaging.photo_files.photo import Metadata

_GREY = ("L", "1", "LA", "La")


@dataclass(frozen=True)
class Decoded:
    """The channels of an image.

    Attributes:
        channels: uint8 [H, W, C]: C is 1 (grey), 2 (grey, alpha), 3, or 4 (alpha, or CMYK).
        colours: how many of the channels are colours; the rest is alpha.
        notes: what the user should know.
        upright: the decoder has applied the orientation.
        metadata: of the file.
    """

    channels: np.ndarray
    colours: int
    notes: tuple[str, ...] = ()
    upright: bool = False
    metadata: Metadata = field(default_factory=Metadata)

    def with_metadata(self, metadata: Metadata) -> Decoded:
        """The same with the file's metadata; grey and CMYK are converted through the profile."""
        profile, channels = metadata.profile, self.channels
        if profile is not None and profile.space != "RGB":
            if profile.space == "GRAY" and self.colours == 1:
                image = profile.to_srgb(channels[..., 0])
            elif profile.space == "CMYK" and self.colours == 4:
                image = profile.to_srgb(channels)
            else:
                return replace(self, metadata=metadata.without_profile())
            channels = np.dstack([image, channels[..., self.colours :]])
            return replace(self, channels=channels, colours=3, metadata=metadata.without_profile())
        if self.colours != 3:
            metadata = metadata.without_profile()
        return replace(self, metadata=metadata)

    def turned(self, turn: Callable[[np.ndarray], np.ndarray]) -> Decoded:
        """The same, upright."""
        if self.upright:
            return self
        return replace(self, channels=turn(self.channels))

    def photo(self) -> tuple[np.ndarray, np.ndarray | None]:
        """RGB uint8 [H, W, 3], and alpha uint8 [H, W] unless it is opaque."""
        colours = self.channels[..., : self.colours]
        if self.colours == 1:
            colours = np.repeat(colours, 3, axis=2)
        elif self.colours == 4:
            size = (colours.shape[1], colours.shape[0])
            colours = np.asarray(Image.frombytes("CMYK", size, colours.tobytes()).convert("RGB"))
        if self.channels.shape[2] == self.colours:
            return np.ascontiguousarray(colours), None
        opacity = np.ascontiguousarray(self.channels[..., -1])
        return np.ascontiguousarray(colours), None if opacity.min() == 255 else opacity


def decode(picture: Image.Image, data: bytes, kind: str) -> Decoded:
    """Decode an image that Pillow has opened.

    Args:
        picture: opened, not loaded.
        data: the file's bytes, for what OpenCV decodes: deep colour, and JPEG, which it decodes
            to the same values in half the time.
        kind: Pillow's name of the format.

    Raises:
        ImageError: a float image outside 0..1.
        OSError, ValueError, SyntaxError: a damaged file.
    """
    notes: tuple[str, ...] = ()
    frames = getattr(picture, "n_frames", 1)
    if frames > 1 and kind in ("GIF", "WEBP", "PNG", "AVIF", "TIFF"):
        what = "pages" if kind == "TIFF" else "frames"
        notes = (f"the first of {frames} {what}",)
    if kind == "JPEG" and picture.mode in ("RGB", "L"):
        return Decoded(_decode_with_opencv(data), 3, notes)
    tags = getattr(picture, "tag_v2", {})
    if kind == "TIFF":
        tiff.check_readable(tags, floats=False)
    if kind in ("PNG", "TIFF") and _is_deep(picture):
        stored = _decode_with_opencv(data) if frames == 1 else np.asarray(picture)
        if kind == "TIFF" and frames == 1:
            stored = tiff.meant_by(tags, stored)
        channels = _to_uint8(stored)
        # OpenCV turns TIFFs, whatever its flags
        turned = kind == "TIFF" and frames == 1
        return Decoded(channels, 3 if channels.shape[2] > 2 else 1, notes, turned)
    picture.load()
    if picture.mode in ("F", "I", "I;16", "I;16B", "I;16L"):
        values = np.asarray(picture)
        grey = _to_uint8(_full_range(values, picture))
        clear = picture.info.get("transparency")
        if isinstance(clear, int):  # a PNG's one clear level
            grey = np.dstack([grey, np.where(values == clear, 0, 255).astype(np.uint8)])
        return Decoded(grey, 1, notes)
    if picture.mode == "LAB":
        return Decoded(lab_to_srgb(picture), 3, notes)
    if picture.mode == "CMYK":
        return Decoded(np.asarray(picture), 4, notes)
    picture = picture.convert(_plain_mode(picture))
    channels = np.asarray(picture)
    if channels.ndim == 2:
        channels = channels[..., None]
    return Decoded(channels, 1 if picture.mode in ("L", "LA") else 3, notes)


def _plain_mode(picture: Image.Image) -> str:
    """The mode of 8-bit channels that holds all of a picture."""
    transparent = "transparency" in picture.info or picture.mode in ("LA", "La", "PA", "RGBa")
    if picture.mode in _GREY:
        return "LA" if transparent else "L"
    if picture.mode == "RGBA" or transparent:
        return "RGBA"
    return "RGB"


def _is_deep(picture: Image.Image) -> bool:
    """Whether a PNG or TIFF has more than 8 bits a channel that Pillow would cut off."""
    if picture.format == "PNG":
        tile = picture.tile[0][3] if picture.tile else ""
        return picture.mode in ("RGB", "RGBA", "LA") and "16" in str(tile)
    bits = getattr(picture, "tag_v2", {}).get(258, (8,))
    bits = bits if isinstance(bits, tuple) else (bits,)
    separated = picture.tag_v2.get(tiff.PHOTOMETRIC) == tiff.SEPARATED  # type: ignore[attr-defined]
    return len(bits) > 1 and max(bits) > 8 and not separated  # Pillow rounds CMYK down


def decode_unopened_tiff(data: bytes, largest: int) -> Decoded:
    """Decode what Pillow does not open and OpenCV does: RGB of floats; without metadata.

    Raises:
        ImageError: another kind, more pixels than `largest`, or floats outside 0..1.
        OSError, SyntaxError, KeyError: a damaged file.
    """
    tags = tiff.first_tags(data)
    tiff.check_readable(tags, floats=True)
    if tags[tiff.WIDTH] * tags[tiff.HEIGHT] > largest:
        raise ImageError(f"A picture has at most {largest / 1e6:.0f} million pixels.")
    channels = _to_uint8(tiff.meant_by(tags, _decode_with_opencv(data)))
    return Decoded(channels, 3 if channels.shape[2] > 2 else 1, upright=True)


def _full_range(values: np.ndarray, picture: Image.Image) -> np.ndarray:
    """Grey of 9 to 15 bits as 16 bits, and 0 as black in a TIFF that says otherwise."""
    tags = getattr(picture, "tag_v2", None)
    if tags is None or picture.mode == "F":
        return values
    bits = tiff.depth_of(tags)
    if 8 < bits < 16:
        values = (values.astype(np.uint32) * 65535 // (2**bits - 1)).astype(np.uint16)
    return tiff.meant_by(tags, values[..., None])


def _decode_with_opencv(data: bytes) -> np.ndarray:
    """Channels [H, W, C] in the order R, G, B, A, not turned but for TIFFs."""
    jpeg = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    flags = jpeg if data.startswith(START) else cv2.IMREAD_UNCHANGED
    try:
        with quiet_opencv():
            channels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise OSError(str(error).splitlines()[0]) from error
    if channels is None:
        raise OSError("it cannot be decoded")
    if channels.ndim == 2:
        return channels[..., None]
    if channels.dtype == np.float64:
        channels = channels.astype(np.float32)
    if flags != jpeg and channels.shape[2] > 2:
        code = cv2.COLOR_BGR2RGB if channels.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
        channels = cv2.cvtColor(channels, code)
    return channels


def _to_uint8(channels: np.ndarray) -> np.ndarray:
    """Scale 16-bit integers and floats in 0..1 to 0..255 by rounding; [H, W, C]."""
    if channels.ndim == 2:
        channels = channels[..., None]
    if channels.dtype == np.uint8:
        return channels
    if channels.dtype.kind == "f":
        low, high = float(np.nanmin(channels)), float(np.nanmax(channels))
        if not np.isfinite(channels).all() or low < -1e-3 or high > 1 + 1e-3:
            raise ImageError(
                f"Values of a float image lie between 0 and 1. Received: {low:.4g} to {high:.4g}. "
                "Scale them, or save as 16-bit integers."
            )
        return np.clip(channels * 255.0 + 0.5, 0, 255).astype(np.uint8)
    if channels.min() < 0 or channels.max() > 65535:
        raise ImageError(
            f"Values of an integer image lie between 0 and 65535. Received: {channels.min()} to "
            f"{channels.max()}."
        )
    return ((channels.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
