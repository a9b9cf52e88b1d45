"""Colours of decoded frames to RGB and back, without a bias, and the tags that go with them.

A video stores Y'CbCr under one of several matrices, in full or limited range. Colours make the
round trip unchanged only with accurate rounding, and with the same matrix in both directions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from tfmatting.config import Size
from tfmatting.video.container import import_av

LIMITED, FULL = 1, 2
RGB, BT709, UNKNOWN, BT601, BT2020 = 0, 1, 2, 5, 9
HDR_TRANSFERS = {16: "PQ", 18: "HLG"}
SDR = {
    "color_range": LIMITED,
    "color_primaries": BT709,
    "color_trc": BT709,
    "colorspace": BT709,
}
"""The tags of ordinary HD video."""
HD_HEIGHT = 720
"""Players take video without a tag for BT.709 from this height on, and for BT.601 below."""
SAME_MATRIX = {1: BT709, 4: 4, 5: BT601, 6: BT601, 7: 7, 9: BT2020, 10: BT2020}
"""swscale's name of each matrix (FFmpeg's `AVColorSpace`)."""
WEIGHTS = {
    BT709: (0.2126, 0.0722),
    4: (0.30, 0.11),
    BT601: (0.299, 0.114),
    7: (0.212, 0.087),
    BT2020: (0.2627, 0.0593),
}
"""The parts of red and blue in luma."""

ALPHA_TYPES = {"yuva420p": (np.uint8, 255), "yuva444p10le": (np.uint16, 1023)}
"""The type and the largest value of the alpha plane of the pixel formats that are written."""


def hdr_name(frame: Any) -> str:
    """Return PQ or HLG for a high-dynamic-range frame, else an empty text."""
    return HDR_TRANSFERS.get(int(frame.color_trc), "")


def has_alpha(frame: Any) -> bool:
    """Whether a decoded frame has an alpha channel."""
    return frame.format.name == "pal8" or any(part.is_alpha for part in frame.format.components)


def output_tags(frame: Any) -> dict[str, int]:
    """Return the colour tags of the output for a decoded frame of the input.

    They are the input's. RGB has no matrix, and high dynamic range is tone-mapped: both are
    written as ordinary HD video.
    """
    if hdr_name(frame):
        return dict(SDR)
    tags = {name: int(getattr(frame, name)) for name in SDR}
    if not frame.format.is_rgb and tags["colorspace"] != RGB:
        return tags
    known = {name: value for name, value in tags.items() if value != UNKNOWN}
    return {**SDR, **known, "color_range": LIMITED, "colorspace": BT709}


def tags_of_format(tags: Mapping[str, int], pixel_format: str) -> dict[str, int]:
    """Return the tags as a pixel format can keep them: ProRes has no full range, RGB no matrix."""
    if pixel_format == "yuva444p10le":
        return {**tags, "color_range": LIMITED}
    if not pixel_format.startswith("yuv"):
        return {**tags, "color_range": FULL, "colorspace": RGB}
    return dict(tags)


def matrix_of(tag: int, height: int) -> int:
    """Return swscale's matrix for a tag; the usual one for the height if there is no tag."""
    return SAME_MATRIX.get(tag, BT709 if height >= HD_HEIGHT else BT601)


class RgbDecoder:
    """Converts decoded frames to RGB of one size; it keeps swscale's tables between frames.

    PQ and HLG are tone-mapped to BT.709.

    Args:
        size: (height, width).
    """

    def __init__(self, size: Size):
        self._size = size
        reformatter = import_av().video.reformatter
        self._reformatter = reformatter.VideoReformatter()
        options = reformatter.Interpolation
        self._hdr_options = options.BILINEAR | options.ACCURATE_RND
        # swscale's tone mapping draws stripes in wrong colours with this option
        self._options = self._hdr_options | options.FULL_CHR_H_INT

    def convert(self, frame: Any) -> tuple[np.ndarray, np.ndarray | None]:
        """Convert a frame.

        Returns:
            uint8 [H, W, 3] in full range, and the frame's own alpha, uint8 [H, W]; None if every
            pixel is opaque.
        """
        height, width = self._size
        transparent = has_alpha(frame)
        options, tags = self._options, {}
        if hdr_name(frame):
            options = self._hdr_options
            tags = {"dst_color_trc": BT709, "dst_color_primaries": BT709}
        # Planes, merged below, are converted in a third of the time that packed RGB takes.
        converted = self._reformatter.reformat(
            frame,
            width=width,
            height=height,
            format="gbrap" if transparent else "gbrp",
            src_colorspace=matrix_of(int(frame.colorspace), frame.height),
            src_color_range=FULL if frame.format.is_rgb else frame.color_range,
            dst_color_range=FULL,
            interpolation=options,
            threads=1,
            **tags,
        )
        green, blue, red, *rest = map(_pixels, converted.planes)
        alpha = rest[0].copy() if rest and rest[0].min() < 255 else None
        return cv2.merge([red, green, blue]), alpha


class FrameEncoder:
    """Converts RGB pictures to frames of a pixel format; it keeps swscale's tables.

    Args:
        pixel_format: FFmpeg's name.
        tags: of the colours; see `output_tags`.
        height: of the pictures as stored.
    """

    def __init__(self, pixel_format: str, tags: Mapping[str, int], height: int):
        self._av = import_av()
        self._format = pixel_format
        self._range = tags["color_range"]
        self._matrix = matrix_of(tags["colorspace"], height)
        self._reformatter = self._av.video.reformatter.VideoReformatter()
        options = self._av.video.reformatter.Interpolation
        self._options = options.BILINEAR | options.ACCURATE_RND | options.FULL_CHR_H_INP

    def convert(self, picture: np.ndarray) -> Any:
        """Convert a picture, uint8 [H, W, 3] or [H, W, 4], to a PyAV frame."""
        name = "rgba" if picture.shape[2] == 4 else "rgb24"
        frame = self._av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format=name)
        frame = self._reformatter.reformat(
            frame,
            format=self._format,
            src_color_range=FULL,
            dst_colorspace=self._matrix,
            dst_color_range=self._range,
            interpolation=self._options,
            threads=1,
        )
        if self._range == FULL and self._format in ("yuv420p", "yuva420p"):
            self._write_full_chroma(frame, picture[..., :3])
        if self._format in ALPHA_TYPES:
            self._write_alpha(frame, picture[..., 3])
        return frame

    def _write_alpha(self, frame: Any, alpha: np.ndarray) -> None:
        """Replace the alpha, which swscale rounds up from 128 on."""
        kind, most = ALPHA_TYPES[self._format]
        exact = (alpha.astype(np.uint32) * most + 127) // 255
        pixels = np.frombuffer(frame.planes[3], kind).reshape(len(alpha), -1)
        pixels[:, : alpha.shape[1]] = exact

    def _write_full_chroma(self, frame: Any, picture: np.ndarray) -> None:
        """Replace the chroma of full range, where swscale puts grey at 127.5 instead of 128."""
        red, blue = WEIGHTS[self._matrix]
        green = 1 - red - blue
        rows = np.array(
            [
                [-red / 2 / (1 - blue), -green / 2 / (1 - blue), 0.5, 128.5],
                [0.5, -green / 2 / (1 - red), -blue / 2 / (1 - red), 128.5],
            ],
            np.float32,
        )
        half = (frame.planes[1].width, frame.planes[1].height)
        small = cv2.resize(picture, half, interpolation=cv2.INTER_AREA).astype(np.float32)
        chroma = np.clip(cv2.transform(small, rows), 0, 255).astype(np.uint8)
        for plane, values in zip(frame.planes[1:3], cv2.split(chroma), strict=True):
            _pixels(plane)[:] = values


def _pixels(plane: Any) -> np.ndarray:
    """View the bytes of a plane, uint8 [H, W]."""
    return np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
