"""Whether a Matroska, WebM or GIF file is cut off, from its bytes: FFmpeg reads such a file to its
end and calls it whole.

Only headers are read, and what they announce is passed over. Where the bytes follow no rule that
is known here, as padding after the end does, the file is taken for whole.
"""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path
from typing import BinaryIO

EBML, SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
IN_SEGMENT = {
    b"\x11\x4d\x9b\x74",  # SeekHead
    b"\x15\x49\xa9\x66",  # Info
    b"\x16\x54\xae\x6b",  # Tracks
    b"\x1f\x43\xb6\x75",  # Cluster
    b"\x1c\x53\xbb\x6b",  # Cues
    b"\x19\x41\xa4\x69",  # Attachments
    b"\x10\x43\xa7\x70",  # Chapters
    b"\x12\x54\xc3\x67",  # Tags
    b"\xe7",  # Timestamp, the first one within a cluster
    b"\x58\x54",  # SilentTracks
    b"\xa7",  # Position
    b"\xab",  # PrevSize
    b"\xa3",  # SimpleBlock
    b"\xa0",  # BlockGroup
    b"\xaf",  # EncryptedBlock
    b"\xec",  # Void
    b"\xbf",  # CRC-32
}
"""What stands in a segment and in its clusters. A live recording states the size of neither."""
LONGEST_ID, LONGEST_SIZE = 4, 8
"""Bytes of an element's name and of its size, which stand before it."""
EXTENSION, PICTURE, NOTHING = 0x21, 0x2C, 0x00


def is_cut_off(path: Path, kind: str) -> bool:
    """Whether a file ends before what it announces.

    Args:
        path: the file.
        kind: FFmpeg's name of its container; of other kinds the answer is no.

    Raises:
        OSError: the file cannot be read.
    """
    if "matroska" in kind.split(","):
        with path.open("rb", buffering=0) as file:  # a few bytes here and there
            return _is_matroska_cut_off(file)
    if kind == "gif":
        with path.open("rb") as file:
            return _is_gif_cut_off(file)
    return False


def _is_matroska_cut_off(file: FileIO) -> bool:
    end = os.fstat(file.fileno()).st_size
    place, live, known = 0, False, {EBML, SEGMENT}
    while place < end:
        file.seek(place)
        head = file.read(LONGEST_ID + LONGEST_SIZE)
        id_length = _length(head[0])
        if not any(one.startswith(head[:id_length]) for one in known):
            return False
        if len(head) <= id_length:
            return live  # else the last bytes are padding
        size_length = _length(head[id_length])
        if size_length > LONGEST_SIZE:
            return False
        place += id_length + size_length
        size = int.from_bytes(head[id_length : id_length + size_length])
        unknown = (1 << 7 * size_length) - 1  # all ones, below the bit that gives the length
        size &= unknown
        if size == unknown:
            live, known = True, known | IN_SEGMENT
        else:
            place += size
    return place > end


def _length(first: int) -> int:
    """Bytes of a number of EBML, from its first one: as many as zeros lead it, and one."""
    return 9 - first.bit_length()


def _is_gif_cut_off(file: BinaryIO) -> bool:
    head = file.read(13)
    if len(head) < 13 or head[:3] != b"GIF":
        return False
    _pass_palette(file, head[10])
    while True:
        mark = file.read(1)
        if not mark:
            return True
        if mark[0] == PICTURE:
            place = file.read(9)
            if len(place) < 9:
                return True
            _pass_palette(file, place[8])
        elif mark[0] == NOTHING:
            continue
        elif mark[0] != EXTENSION:
            return False  # the trailer, or what is no GIF
        file.seek(1, os.SEEK_CUR)  # the kind of extension, or the width of a picture's codes
        while length := file.read(1):
            if not length[0]:
                break
            file.seek(length[0], os.SEEK_CUR)


def _pass_palette(file: BinaryIO, flags: int) -> None:
    if flags & 0x80:
        file.seek(3 << (flags & 7) + 1, os.SEEK_CUR)
