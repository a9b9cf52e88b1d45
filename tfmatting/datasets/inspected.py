"""Samples that an earlier run has found good, so that they are not decoded again to be checked.

A sample is known by its files' paths, sizes and modification times, by how it is read, and by the
version of the package. Only good samples are remembered: the reason of a problem is found anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from tfmatting.datasets.sample import FileSource, SampleSource
from tfmatting.errors import InputError
from tfmatting.files import write_bytes
from tfmatting.version import __version__

DIGEST = 16
"""Bytes that stand for a sample."""


def cache_folder() -> Path:
    """Where caches go: `$TFMATTING_CACHE`, `$XDG_CACHE_HOME/tfmatting` or `~/.cache/tfmatting`."""
    if own := os.environ.get("TFMATTING_CACHE"):
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "tfmatting"


class InspectedSamples:
    """The good samples of a data set, in a file of 16 bytes each.

    Args:
        path: the file. What cannot be read or written is as if it were not there.
    """

    def __init__(self, path: Path):
        self._path = path
        self._known: set[bytes] = set()
        with contextlib.suppress(OSError):
            content = path.read_bytes()
            if len(content) % DIGEST == 0:
                starts = range(0, len(content), DIGEST)
                self._known = {content[start : start + DIGEST] for start in starts}

    def __contains__(self, source: SampleSource) -> bool:
        return digest(source) in self._known

    def write(self, good: Iterable[SampleSource]) -> None:
        """Remember these samples and no others; earlier ones may have gone or changed."""
        known = {name for source in good if (name := digest(source)) is not None}
        if known and known != self._known:
            with contextlib.suppress(OSError, InputError):
                write_bytes(self._path, b"".join(sorted(known)))


def for_data(origin: str | Path, part: str) -> InspectedSamples:
    """What is known of a part of a data set.

    Args:
        origin: its folder.
        part: "train" or "validation".
    """
    name = hashlib.sha256(f"{Path(origin).absolute()}\n{part}".encode()).hexdigest()[:32]
    return InspectedSamples(cache_folder() / "inspected" / name)


def digest(source: SampleSource) -> bytes | None:
    """What stands for a sample; None for one that is not read from files of its own."""
    if type(source) is not FileSource:
        return None
    facts = [__version__, repr(source)]
    for path in (source.image_path, source.alpha_path, source.trimap_path):
        if path is None:
            continue
        try:
            status = path.stat()
        except OSError:
            return None
        facts.append(f"{path.absolute()} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join(facts).encode(errors="surrogateescape")).digest()[:DIGEST]
