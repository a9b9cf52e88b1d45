"""From a photo to its matte, whatever runs the network."""

from tfmatting.inference.loading import load, shipped_models
from tfmatting.inference.predictor import Predictor

__all__ = ["Predictor", "load", "shipped_models"]
