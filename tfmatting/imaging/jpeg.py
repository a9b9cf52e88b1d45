"""The structure of a JPEG file: where the image ends, whatever stands before or behind it.

Source: ITU-T T.81, annex B (markers and segments).
"""

from __future__ import annotations

START = b"\xff\xd8"
_STANDALONE = {0x01, *range(0xD0, 0xD8)}  # TEM and restart markers have no length
_SCAN, _END = 0xDA, 0xD9


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
    while True:
        position = data.find(b"\xff", position)
        if position < 0:
            return None
        while position < len(data) and data[position] == 0xFF:  # fill bytes
            position += 1
        if position >= len(data):
            return None
        marker = data[position]
        position += 1
        if marker == _END:
            return position
        if marker == 0 or marker in _STANDALONE:  # a stuffed byte of the scan, or no segment
            continue
        length = int.from_bytes(data[position : position + 2], "big")
        if position + 2 > len(data) or length < 2:
            return None
        position += length
