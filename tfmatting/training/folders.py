"""The folder of a run: whether it may be written to, and whether a stage in it is done."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tfmatting.errors import InputError
from tfmatting.models import read_metadata
from tfmatting.models.checkpoints import BEST, LAST
from tfmatting.training.stages.stage import Stage


def claim_folder(
    folder: Path, *, resume: bool, overwrite: bool, weights: Path | None = None
) -> None:
    """Make sure that a new run does not write over an earlier one by accident.

    Raises:
        InputError: the folder holds a run, and neither resuming nor overwriting was asked for;
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


def is_done(folder: Path, stage: Stage) -> bool:
    """Whether a stage has run all of its epochs, or cannot be continued."""
    if not (folder / BEST).is_file():
        return False
    last, config = folder / LAST, folder / "config.json"
    if not last.is_file():
        return True
    epochs = stage.epochs
    if config.is_file():
        epochs = json.loads(config.read_text(encoding="utf-8"))["recipe"]["stages"][0]["epochs"]
    return read_metadata(last)["epoch"] >= epochs
