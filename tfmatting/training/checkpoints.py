"""Finding the checkpoint that a file, a run or nothing stands for."""

from __future__ import annotations

import shutil
from pathlib import Path

from tfmatting.errors import InputError, MissingFileError

BEST = "best.keras"
LAST = "last.keras"


def claim_folder(
    folder: Path, *, resume: bool, overwrite: bool, weights: Path | None = None
) -> None:
    """Make sure that a new run does not write over an earlier one by accident.

    Raises:
        ValueError: the folder holds a run, and neither resuming nor overwriting was asked for;
            or it holds the `weights` that the new run is to start from.
    """
    if resume or not any(folder.rglob(BEST)):
        return
    if not overwrite:
        raise InputError(
            f"{folder} holds a run. Go on with --resume, replace it with --overwrite, or give "
            "another --output."
        )
    if weights and folder.resolve() in weights.resolve().parents:
        raise InputError(
            f"--overwrite would remove the weights to start from: {weights}. Give another --output."
        )
    shutil.rmtree(folder)


def find_checkpoint(path: Path) -> Path:
    """Return a checkpoint file itself, or the newest `best.keras` below a run's folder.

    Raises:
        FileNotFoundError: no such file, or a folder without a checkpoint.
    """
    if path.is_dir():
        found = sorted(path.rglob(BEST), key=lambda file: file.stat().st_mtime)
        if not found:
            raise MissingFileError(f"No {BEST} below {path}. Train a model first.")
        return found[-1]
    if not path.exists():
        raise MissingFileError(f"No checkpoint at {path}.")
    return path
