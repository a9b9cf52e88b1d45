"""Prediction of alpha mattes, independent of the file format of the network."""

from tfmatting.inference.loading import load
from tfmatting.inference.predictor import Predictor
from tfmatting.inference.pretrained import PRETRAINED, shipped_models

__all__ = ["PRETRAINED", "Predictor", "load", "shipped_models"]
