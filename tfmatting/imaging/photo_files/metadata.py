"""What an image file says of itself: profile, EXIF, resolution, orientation."""

from __future__ import annotations

import functools

from PIL import Image

from tfmatting.errors import InputError
from tfmatting.imaging.photo_files.colour_profile import ColourProfile
from tfmatting.imaging.photo_files.orientation import ORIENTATION_TAG
from tfmatting.imaging.photo_files.photo import Metadata

_DERIVED = (ORIENTATION_TAG, 0x0100, 0x0101, 0x0102, 0x0103, 0x0106, 0x0111, 0x0115, 0x0116)
_DERIVED += (0x0117, 0x011C, 0x0140, 0x0142, 0x0143, 0x0144, 0x0145, 0x0152, 0x0153, 0x8773)
"""Tags that describe the old file's pixels: sizes, strips, tiles, profile, orientation."""
_EXIF_IFD, _WIDTH, _HEIGHT = 0x8769, 0xA002, 0xA003
_LARGEST_EXIF = 60_000
"""Bytes; a JPEG segment holds 65,533."""


def orientation_of(picture: Image.Image) -> int:
    """The EXIF orientation that a loaded picture still has, 1 to 8; 1 if there is none."""
    try:
        value = picture.getexif().get(ORIENTATION_TAG, 1)
    except Exception:  # EXIF is often damaged; the picture is none the worse for it
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def read_metadata(picture: Image.Image) -> Metadata:
    """Read profile, EXIF and resolution; what is damaged is left out.

    The picture's own EXIF loses its orientation: ask `orientation_of` before.
    """
    return Metadata(_profile(picture), _exif(picture), _dpi(picture))


def _dpi(picture: Image.Image) -> tuple[float, float] | None:
    try:
        across, down = (float(value) for value in picture.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return (across, down) if 0 < across < 1e5 and 0 < down < 1e5 else None


def _profile(picture: Image.Image) -> ColourProfile | None:
    data = picture.info.get("icc_profile")
    return _known_profile(bytes(data)) if data else None


@functools.lru_cache(maxsize=8)
def _known_profile(data: bytes) -> ColourProfile | None:
    """The profile, made once for the photos of a camera; None for sRGB and for a damaged one."""
    try:
        profile = ColourProfile(data)
        return None if profile.is_srgb else profile
    except InputError:
        return None


def _exif(picture: Image.Image) -> bytes | None:
    try:
        exif = picture.getexif()
        for tag in _DERIVED:
            exif.pop(tag, None)
        if _EXIF_IFD in exif:
            inner = exif.get_ifd(_EXIF_IFD)
            inner.pop(_WIDTH, None)
            inner.pop(_HEIGHT, None)
        if not dict(exif):
            return None
        data = exif.tobytes()
    except Exception:  # EXIF is often damaged; the picture is none the worse for it
        return None
    return data if len(data) <= _LARGEST_EXIF else None
