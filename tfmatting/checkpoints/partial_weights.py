"""Loads the weights that fit from another form of the same network, by name."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from tfmatting.errors import InputError
from tfmatting.models.saving import load_model


def load_partial_weights(model: keras.Model, source: str | Path) -> int:
    """Set every variable that a checkpoint has under the same name and with the same shape.

    What the checkpoint lacks, or has in another shape, keeps its value.

    Args:
        model: the model to set.
        source: a `.keras` checkpoint of the same registered model in any form.

    Returns:
        The number of arrays set.

    Raises:
        FileNotFoundError: no such file.
        InputError: a checkpoint of another model, or fewer than half of the arrays fit.
    """
    donor = load_model(source, expect=model.name)
    theirs = {variable.path: variable for variable in donor.variables}
    fitting = [
        variable
        for variable in model.variables
        if variable.path in theirs and theirs[variable.path].shape == variable.shape
    ]
    if 2 * len(fitting) < len(model.variables):
        raise InputError(
            f"A relative's weights fill at least half of the model. Received: {source}, of which "
            f"{len(fitting)} arrays fit the model's {len(model.variables)}. Use a checkpoint with "
            "the same encoder and width, imagenet, or none."
        )
    for variable in fitting:
        variable.assign(np.asarray(theirs[variable.path]))
    return len(fitting)
