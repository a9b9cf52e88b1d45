"""Image formats: how a file is recognised by its first bytes, and what each format can hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HEAD = 32
"""Bytes of a file that are needed to recognise its format."""


@dataclass(frozen=True)
class ImageFormat:
    """A format that can be written.

    Attributes:
        name: Pillow's name.
        suffixes: lower-case file suffixes, the usual one first.
        alpha: whether it holds an alpha channel.
        largest_side: the longest side in pixels that it can hold.
    """

    name: str
    suffixes: tuple[str, ...]
    alpha: bool
    largest_side: int


FORMATS = (
    ImageFormat("JPEG", (".jpg", ".jpeg", ".jfif"), alpha=False, largest_side=65_500),
    ImageFormat("PNG", (".png",), alpha=True, largest_side=1_000_000),
    ImageFormat("WEBP", (".webp",), alpha=True, largest_side=16_383),
    ImageFormat("TIFF", (".tif", ".tiff"), alpha=True, largest_side=1_000_000),
    ImageFormat("BMP", (".bmp",), alpha=False, largest_side=1_000_000),
)
WRITTEN = {suffix: written for written in FORMATS for suffix in written.suffixes}
"""Suffix -> the format that is written."""
IMAGE_SUFFIXES = tuple(WRITTEN)
"""Suffixes of files that can be written."""
READ_ONLY_SUFFIXES = (
    *(".gif", ".avif", ".heic", ".heif", ".jpe", ".dib", ".apng"),
    *(".jp2", ".j2k", ".ppm", ".pgm", ".pnm"),
)
"""Suffixes of further files that can be read."""

_BRANDS = {
    b"avif": "AVIF",
    b"avis": "AVIF",
    b"heic": "HEIF",
    b"heix": "HEIF",
    b"hevc": "HEIF",
    b"hevx": "HEIF",
    b"heim": "HEIF",
    b"heis": "HEIF",
    b"mif1": "HEIF",
    b"msf1": "HEIF",
}
_MAGIC = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"BM", "BMP"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG2000"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),
    *((magic + space, "PPM") for magic in (b"P5", b"P6") for space in (b"\n", b"\r", b" ", b"\t")),
)
_OTHERS = (
    (b"8BPS", "a Photoshop document"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"%PDF", "a PDF document"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML document"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"RIFF", "a sound or a video"),
    (b"PK\x03\x04", "an archive"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL image, which is not supported"),
    (b"\xff\x0a", "a JPEG XL image, which is not supported"),
    (b"v/1\x01", "an OpenEXR image, which is not supported"),
    (b"#?RADIANCE", "a Radiance image, which is not supported"),
)


def recognise(head: bytes) -> str | None:
    """Return the format of a file that can be read, from its first `HEAD` bytes; else None."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        # the major brand, then a version, then the compatible brands
        brands = [head[8:12], *(head[at : at + 4] for at in range(16, len(head) - 3, 4))]
        known = [_BRANDS[brand] for brand in brands if brand in _BRANDS]
        if known and head[8:12] in _BRANDS:
            return "AVIF" if "AVIF" in known else "HEIF"
    return None


def describe_other(head: bytes) -> str:
    """Say what a file is that is not an image."""
    if not head:
        return "an empty file"
    if head[4:8] == b"ftyp":
        return "a video"
    for magic, what in _OTHERS:
        if head.startswith(magic):
            return what
    return "not a picture"


def read_head(path: Path) -> bytes:
    """Read the first bytes of a file."""
    with path.open("rb") as file:
        return file.read(HEAD)
