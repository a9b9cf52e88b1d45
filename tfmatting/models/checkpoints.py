"""Names of a run's checkpoints, and the checkpoint that a file or a folder stands for."""

from __future__ import annotations

from pathlib import Path

from tfmatting.errors import MissingFileError

BEST = "best.keras"
LAST = "last.keras"


def find_checkpoint(path: str | Path) -> Path:
    """Return a checkpoint file itself, or the newest `best.keras` below a run's folder.

    Raises:
        MissingFileError: no such file, or a folder without a checkpoint.
    """
    path = Path(path)
    if path.is_dir():
        found = newest_checkpoint(path)
        if not found:
            raise MissingFileError(f"No {BEST} below {path}. Train a model first.")
        return found
    if not path.exists():
        raise MissingFileError(f"No checkpoint at {path}.")
    return path


def newest_checkpoint(folder: Path) -> Path | None:
    """Return the newest `best.keras` below a folder, or None."""
    return max(folder.rglob(BEST), key=lambda file: file.stat().st_mtime, default=None)
