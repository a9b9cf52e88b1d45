"""Which network an export starts from: a model in memory, a file, a run, or what ships."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from tfmatting.config import Size
from tfmatting.errors import InputTypeError, MissingFileError
from tfmatting.inference.loading import DEFAULT, SHIPPED
from tfmatting.models import build, load_model

RUNS = Path("runs")
BEST = "best.keras"


def open_model(
    weights: str | Path | keras.Model | None,
    input_size: Size | None,
    report: Callable[[str], None],
) -> keras.Model:
    """Return the model to export, at the size asked for.

    Args:
        weights: a model of the registry, a `.keras` file or a run's folder. None stands for the
            newest run below `runs/`, or else the model that ships.
        input_size: (height, width); the model's own when None.
        report: is told which file stands for None.

    Raises:
        MissingFileError: no such file, or a folder without a checkpoint.
        InputTypeError: a Keras model that the registry did not build.
    """
    if weights is None:
        path = newest_checkpoint(RUNS) or SHIPPED / f"{DEFAULT}.keras"
        report(f"Exporting {path}.")
        return load_model(path, input_size=input_size)
    if isinstance(weights, str | Path):
        return load_model(find_weights(Path(weights)), input_size=input_size)
    if not hasattr(weights, "matting_config"):
        raise InputTypeError(
            "An export takes a model from tfmatting.build or tfmatting.load_model, or a file. "
            f"Received: {type(weights).__name__}."
        )
    return resized(weights, input_size) if input_size else weights


def find_weights(path: Path) -> Path:
    """Return a checkpoint file itself, or the newest `best.keras` below a run's folder.

    Raises:
        MissingFileError: no such file, or a folder without a checkpoint.
    """
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


def resized(model: keras.Model, size: Size) -> keras.Model:
    """Return the same network with the same weights for inputs of another size."""
    options: dict[str, Any] = dataclasses.asdict(model.matting_config)
    if options.pop("input_size") == tuple(size):
        return model
    result = build(model.name, size, **options)
    result.set_weights(model.get_weights())
    return result
