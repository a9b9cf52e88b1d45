"""Finding the checkpoint that a file, a run or nothing stands for."""

from __future__ import annotations

from pathlib import Path

BEST = "best.keras"


def find_checkpoint(path: Path) -> Path:
    """Return a checkpoint file itself, or the newest `best.keras` below a run's folder.

    Raises:
        FileNotFoundError: no such file, or a folder without a checkpoint.
    """
    if path.is_dir():
        found = sorted(path.rglob(BEST), key=lambda file: file.stat().st_mtime)
        if not found:
            raise FileNotFoundError(f"No {BEST} below {path}. Train a model first.")
        return found[-1]
    if not path.exists():
        raise FileNotFoundError(f"No checkpoint at {path}.")
    return path
