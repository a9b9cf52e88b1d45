"""Names of the original LFM's layers."""

from __future__ import annotations

from pathlib import Path

from tfmatting.checkpoints.keras_h5 import assign_by_name, read_h5
from tfmatting.models.matting_model import MattingModel

RENAMED = {"conv1/conv": "conv1_conv", "conv1/bn": "conv1_bn"}
"""Keras 3 allows no slash in a layer's name."""


def load_lfm(model: MattingModel, path: str | Path) -> MattingModel:
    """Set an LFM's weights from the Keras 1.14 code's `.h5`, a full model or its weights.

    Returns:
        The same model.
    """
    assign_by_name(model, read_h5(path), RENAMED)
    return model
