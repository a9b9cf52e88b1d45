"""Zip archives from strangers: what they unpack to is looked up before anything is unpacked."""

from __future__ import annotations

import contextlib
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from tfmatting.errors import InputError

LARGEST = 8 * 2**30
"""Bytes that an archive may unpack to."""
EXPANSION = 100
"""How often its own size an archive may unpack to, beyond `SMALL`; weights do not shrink so far."""
SMALL = 64 * 2**20
"""Bytes that any archive may unpack to."""
MOST_MEMBERS = 100_000
BROKEN = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, OSError, EOFError),
    *(NotImplementedError, RuntimeError, KeyError, ValueError, OverflowError),
)
"""What Python's reader raises on damaged, encrypted and unknown archives."""


class ArchiveError(InputError):
    """A file that is no zip archive, or one that is refused."""


@contextlib.contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive and check it; nothing is unpacked to the disk, here or elsewhere.

    Raises:
        ArchiveError: damaged, also where the block finds out; more than it may hold; or with a
            link, a member outside its folder, or two of one name.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            check_members(archive.infolist(), path)
            yield archive
    except InputError:
        raise
    except BROKEN as error:
        raise ArchiveError(f"Not an archive that can be read: {path} ({error}).") from error


def check_members(members: list[zipfile.ZipInfo], path: Path) -> None:
    """Refuse an archive by its table of contents.

    Raises:
        ArchiveError: see `open_archive`.
    """
    unpacked = sum(member.file_size for member in members)
    allowed = min(LARGEST, max(SMALL, EXPANSION * path.stat().st_size))
    if len(members) > MOST_MEMBERS or unpacked > allowed:
        raise ArchiveError(
            f"An archive of this size has at most {MOST_MEMBERS:,} members of {allowed:,} bytes "
            f"together. Received: {path}, with {len(members):,} of {unpacked:,} bytes."
        )
    names = set()
    for member in members:
        parts = member.filename.replace("\\", "/").split("/")
        outside = parts[0] == "" or ".." in parts or parts[0].endswith(":")
        if outside or stat.S_ISLNK(member.external_attr >> 16) or member.filename in names:
            raise ArchiveError(
                "An archive has files of different names inside its folder, and no links. "
                f"Received: {path}, with {member.filename[:80]!r}."
            )
        names.add(member.filename)


def read_member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Read a member of at most `most` bytes.

    Raises:
        ArchiveError: it is larger.
        KeyError: there is none of the name.
    """
    size = archive.getinfo(name).file_size
    if size > most:
        raise ArchiveError(f"{name} has at most {most:,} bytes. Received: {size:,}.")
    return archive.read(name)
