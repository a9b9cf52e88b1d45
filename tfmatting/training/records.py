"""What a stage's folder says of how it was trained, and the epochs that are done in it."""

from __future__ import annotations

import dataclasses
import hashlib
import platform
import subprocess
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfmatting.config import to_dictionary
from tfmatting.errors import InputError, MissingFileError
from tfmatting.files import write_json
from tfmatting.models import read_metadata
from tfmatting.models.checkpoints import BEST, LAST
from tfmatting.models.saving import load_weights
from tfmatting.training.stage_run import StageRun
from tfmatting.training.stages.stage import Recipe
from tfmatting.version import __version__


def restore(model: keras.Model, folder: Path) -> int:
    """Restore a model's weights, optimizer and step; return the epochs already done.

    Raises:
        InputError: nothing to resume, or a model in another form.
    """
    last = folder / LAST
    if not last.is_file():
        raise InputError(f"Nothing to resume: no {last}. Start without --resume.")
    metadata = read_metadata(last)
    ours = to_dictionary(model.matting_config)
    different = [key for key in ours if metadata["config"].get(key) != ours[key]]
    if different:
        raise InputError(
            f"A resumed run keeps its model. {last} differs in: {', '.join(different)}. Give the "
            "same options as at its start, or a new --output."
        )
    load_weights(model, last)
    return int(metadata["epoch"])


def best_checkpoint(folder: Path) -> Path:
    """The best checkpoint of a finished stage.

    Raises:
        MissingFileError: it has gone.
    """
    path = folder / BEST
    if not path.is_file():
        raise MissingFileError(f"The stage is done, but {path} is not there. Train it again.")
    return path


def start_facts(run: StageRun) -> dict[str, Any]:
    """What all workers of a run have to agree on before a stage."""
    last = run.folder / LAST
    return {
        "stage": run.stage.name,
        "seed": run.seed,
        "training samples": run.sample_count,
        "validation samples": len(run.validation),
        "weights to start from": _checksum(run.weights),
        f"resumed {LAST}": _checksum(last if run.resume else None),
        "Keras": keras.__version__,
        "tfmatting": __version__,
    }


def _checksum(path: Path | None) -> str:
    if path is None:
        return "none"
    if not path.is_file():
        return f"{path} is not there"
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def write_config(run: StageRun, recipe: Recipe) -> None:
    """Write `config.json`: the resolved recipe, seed, devices, versions and commit."""
    import tensorflow as tf

    document = {
        "recipe": {
            **to_dictionary(dataclasses.replace(recipe, stages=())),
            "stages": [run.stage.describe()],
        },
        "seed": run.seed,
        "distribution": run.distribution.describe(recipe.batch_size),
        "weights": str(run.weights) if run.weights else None,
        "samples": {
            "train": len(run.train),
            "validation": len(run.validation),
            "backgrounds": len(run.backgrounds),
            "frames": len(run.frames),
        },
        "versions": {
            "tfmatting": __version__,
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "numpy": np.__version__,
        },
        "commit": _commit(),
    }
    write_json(run.folder / "config.json", document)


def _commit() -> str | None:
    """The git commit of the source, when it is a checkout."""
    try:
        result = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout.strip() or None
