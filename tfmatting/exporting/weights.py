"""Which network an export starts from: a model in memory, a file, a run, or what ships."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras

from tfmatting.config import Size
from tfmatting.errors import InputTypeError
from tfmatting.inference.loading import DEFAULT, SHIPPED
from tfmatting.models import load_model
from tfmatting.models.checkpoints import find_checkpoint, newest_finished
from tfmatting.models.matting_model import another_form

RUNS = Path("runs")


def open_model(
    weights: str | Path | keras.Model | None,
    input_size: Size | None,
    report: Callable[[str], None],
) -> keras.Model:
    """Return the model to export, at the size asked for.

    Args:
        weights: a model of the registry, a `.keras` file or a run's folder. None stands for the
            newest finished run below `runs/`, smoke runs left out, or else `portrait`.
        input_size: (height, width); the model's own when None.
        report: is told which file stands for None or a folder.

    Raises:
        MissingFileError: no such file, or a folder without a checkpoint.
        InputError: a folder of several runs.
        InputTypeError: a Keras model that the registry did not build.
    """
    if weights is None:
        path, left_out = newest_finished(RUNS)
        for run in left_out:
            report(f"{run} is left out: a smoke run, or not finished. --weights {run} takes it.")
        path = path or SHIPPED / f"{DEFAULT}.keras"
        report(f"Exporting {path}.")
        return load_model(path, input_size=input_size)
    if isinstance(weights, str | Path):
        path = find_checkpoint(weights)
        if path != Path(weights):
            report(f"Exporting {path}.")
        return load_model(path, input_size=input_size)
    if not hasattr(weights, "matting_config"):
        raise InputTypeError(
            "An export takes a model from tfmatting.build or tfmatting.load_model, or a file. "
            f"Received: {type(weights).__name__}."
        )
    return resized(weights, input_size) if input_size else weights


def resized(model: keras.Model, size: Size) -> keras.Model:
    """Return the same network with the same weights for inputs of another size."""
    if model.matting_config.input_size == tuple(size):
        return model
    result = another_form(model, input_size=size)
    result.set_weights(model.get_weights())
    return result
