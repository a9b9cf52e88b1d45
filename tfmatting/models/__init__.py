"""The models, as a table: name -> `ModelSpec`, and the one way to build or load any of them."""

from tfmatting.models.registry import REGISTRY, build, find, validated_config
from tfmatting.models.saving import CheckpointError, load_model, read_metadata, save_model
from tfmatting.models.spec import ModelSpec

__all__ = [
    "REGISTRY",
    "CheckpointError",
    "ModelSpec",
    "build",
    "find",
    "load_model",
    "read_metadata",
    "save_model",
    "validated_config",
]
