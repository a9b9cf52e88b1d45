"""Names of files for FFmpeg, which takes what stands before a colon for a protocol."""

from __future__ import annotations

from pathlib import Path


def file_name(path: str | Path) -> str:
    """A name that is always a file: `12:30 clip.mp4` and `concat:a` lie in a folder."""
    return str(Path(path).absolute())
