"""The models: a table of facts, a table of builders, and files of them.

Facts (`SPECS`, `read_metadata`) are plain data. What needs Keras is imported when first used, and
TensorFlow is then set up as the commands set it up, unless KERAS_BACKEND names another backend.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tfmatting.models.metadata import CheckpointError, read_metadata
from tfmatting.models.spec import SPECS, ModelSpec, find

if TYPE_CHECKING:
    from tfmatting.models.matting_model import MattingModel, build
    from tfmatting.models.registry import REGISTRY, validated_config
    from tfmatting.models.saving import load_model, save_model

__all__ = [
    "REGISTRY",
    "SPECS",
    "CheckpointError",
    "MattingModel",
    "ModelSpec",
    "build",
    "find",
    "load_model",
    "read_metadata",
    "save_model",
    "validated_config",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if os.environ.get("KERAS_BACKEND", "tensorflow") == "tensorflow":
        from tfmatting.tensorflow_setup import import_tensorflow

        import_tensorflow()
    from tfmatting.models import matting_model, registry, saving

    home = next(module for module in (matting_model, registry, saving) if hasattr(module, name))
    return getattr(home, name)
