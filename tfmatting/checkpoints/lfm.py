"""Names of the original LFM's layers."""

from __future__ import annotations

from pathlib import Path

from tfmatting.checkpoints.keras_h5 import assign_by_name, read_h5
from tfmatting.models.lfm import FUSION_PREFIX
from tfmatting.models.matting_model import MattingModel

FIRST_STAGE = "classifier"
RENAMED = {"conv1/conv": "conv1_conv", "conv1/bn": "conv1_bn"}
"""Keras 3 allows no slash in a layer's name."""


def load_lfm(model: MattingModel, path: str | Path) -> MattingModel:
    """Set an LFM's weights from the Keras 1.14 code's `.h5`, a full model or its weights.

    Returns:
        The same model. A file of the first stage has no fusion network: that one keeps its random
        weights, and the model's metadata say `stage: classifier`.
    """
    arrays = read_h5(path)
    of_first_stage = not any(name.startswith(FUSION_PREFIX) for name in arrays)
    assign_by_name(model, arrays, RENAMED, absent=FUSION_PREFIX if of_first_stage else None)
    if of_first_stage:
        model.metadata = {**model.metadata, "stage": FIRST_STAGE}
    return model
