"""Recipes of DeepLabV3+."""

from __future__ import annotations

from tfmatting.models.deeplab_v3_plus import TENSORFLOW, DeepLabV3PlusConfig
from tfmatting.training.recipes.segmentation import SCALED_SIZE, recipes

RECIPES = recipes(
    "deeplab_v3_plus",
    original=DeepLabV3PlusConfig(input_size=SCALED_SIZE),
    light=DeepLabV3PlusConfig(input_size=(192, 192), **TENSORFLOW),
)
