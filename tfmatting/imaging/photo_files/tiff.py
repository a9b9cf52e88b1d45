"""TIFFs of more than 8 bits: OpenCV gives the stored numbers, and the tags say what they mean.

Source: TIFF 6.0; the sections are named at each tag.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from tfmatting.imaging.photo_files.image_error import ImageError

WIDTH, HEIGHT, BITS, PHOTOMETRIC, SAMPLES, PLANES, EXTRA, FORMAT = (
    *(256, 257, 258, 262, 277, 284),
    *(338, 339),
)
"""Sections 8 (sizes, bits, colours, channels, how they lie), 18 (extra channels), 19 (floats)."""
WHITE_IS_ZERO, SEPARATED = 0, 5
PREMULTIPLIED, UNSPECIFIED = 1, 0
FLOAT = 3


def first_tags(data: bytes) -> Any:
    """The tags of the first page, by number; of BigTIFF too.

    Raises:
        OSError, SyntaxError, KeyError: a damaged file.
    """
    from PIL import TiffImagePlugin  # which most photos do without

    file = io.BytesIO(data)
    header = file.read(8)
    if 43 in header[2:4]:  # BigTIFF
        header += file.read(8)
    tags = TiffImagePlugin.ImageFileDirectory_v2(header)
    file.seek(tags.next)
    tags.load(file)
    return tags


def check_readable(tags: Any, *, floats: bool) -> None:
    """Refuse what decoders mix up.

    Args:
        tags: see `first_tags`.
        floats: the image must be one of 32 or 64-bit floats, which Pillow does not open.

    Raises:
        ImageError: planar channels of more than 8 bits, or a kind that nobody reads.
    """
    bits, samples = _values(tags, BITS, 1), tags.get(SAMPLES, 1)
    if max(bits) > 8 and samples > 1 and tags.get(PLANES, 1) != 1:
        raise ImageError(
            "A TIFF of more than 8 bits has its channels side by side. Received: one after the "
            "other (planar). Save it interleaved, or with 8 bits."
        )
    known = samples in (1, 3, 4) and bits[0] in (32, 64) and _values(tags, FORMAT, 1)[0] == FLOAT
    if floats and not known:
        raise ImageError(
            f"TIFFs are read with 8 or 16 bits, or with floats of 32 or 64 bits. Received: "
            f"{samples} channel(s) of {bits[0]} bits that cannot be read. Save it as RGB."
        )


def meant_by(tags: Any, channels: np.ndarray) -> np.ndarray:
    """Apply what the tags say to stored channels of more than 8 bits.

    Args:
        tags: see `first_tags`.
        channels: uint16 or float [H, W, C]; the fourth is alpha, whether it is meant so or not.

    Returns:
        The same kind [H, W, C] with 0 as black and colours that are not premultiplied; without
        a fourth channel that is no alpha.
    """
    if tags.get(PHOTOMETRIC) == WHITE_IS_ZERO and channels.dtype == np.uint16:
        channels = 65535 - channels
    if channels.shape[2] != 4:
        return channels
    kind = _values(tags, EXTRA, UNSPECIFIED)[0]
    if kind == UNSPECIFIED:
        return channels[..., :3]
    if kind == PREMULTIPLIED:
        most = 65535 if channels.dtype == np.uint16 else 1.0
        alpha = channels[..., 3:].astype(np.float32)
        colours = channels[..., :3] * (most / np.where(alpha > 0, alpha, most))
        rounded = np.clip(colours, 0, most) + (0.5 if most > 1 else 0)
        return np.dstack([rounded.astype(channels.dtype), channels[..., 3]])
    return channels


def depth_of(tags: Any) -> int:
    """Bits of the first channel."""
    return int(_values(tags, BITS, 1)[0])


def _values(tags: Any, tag: int, default: int) -> tuple[int, ...]:
    value: Any = tags.get(tag) or default
    return tuple(value) if isinstance(value, tuple) else (value,)
