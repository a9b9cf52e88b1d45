"""Prediction of alpha mattes, independent of the file format of the network."""

from tfmatting.inference.loading import load, shipped_models
from tfmatting.inference.predictor import Predictor

__all__ = ["Predictor", "load", "shipped_models"]
