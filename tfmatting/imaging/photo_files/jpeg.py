"""The structure of a JPEG file: where the image ends, whatever stands before or behind it.

Source: ITU-T T.81, annex B (markers and segments).
"""

from __future__ import annotations

import re

START = b"\xff\xd8"
_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd7\xff])")
"""A marker with a segment behind it, or the end: no stuffed byte, TEM, restart or fill byte."""
_END = 0xD9


def find_end(data: bytes) -> int | None:
    """Walk the markers of the first image in a file.

    Thumbnails lie inside segments, which are stepped over by their length; motion photos, second
    images and padding come after the end.

    Returns:
        The position behind the end-of-image marker; None if the file stops before it or is not a
        JPEG.
    """
    if not data.startswith(START):
        return None
    position = 2
    while marker := _MARKER.search(data, position):
        position = marker.end()
        if marker[1][0] == _END:
            return position
        length = int.from_bytes(data[position : position + 2], "big")
        if length < 2:
            return None
        position += length
    return None
