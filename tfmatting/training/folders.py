"""The folder of a run: whether it may be written to."""

from __future__ import annotations

import shutil
from pathlib import Path

from tfmatting.errors import InputError
from tfmatting.models.checkpoints import BEST


def check_folder(
    folder: Path, *, resume: bool, overwrite: bool, weights: Path | None = None
) -> None:
    """Make sure that a new run does not write over an earlier one by accident.

    Raises:
        InputError: the folder holds a run, and neither resuming nor overwriting was asked for;
            or it holds the `weights` that the new run is to start from.
    """
    if resume or not holds_run(folder):
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


def clear_folder(folder: Path, *, resume: bool) -> None:
    """Remove an earlier run that is not resumed; only once nothing can refuse the new one."""
    if not resume and holds_run(folder):
        shutil.rmtree(folder)


def holds_run(folder: Path) -> bool:
    """Whether a stage was trained there, or the runs of one."""
    return any(folder.rglob(BEST))
