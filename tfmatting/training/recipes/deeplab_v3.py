"""Recipes of DeepLabV3."""

from __future__ import annotations

from tfmatting.models.deeplab_v3 import DeepLabV3Config
from tfmatting.training.recipes.segmentation import SCALED_SIZE, recipes

RECIPES = recipes(
    "deeplab_v3",
    original=DeepLabV3Config(input_size=SCALED_SIZE),
    light=DeepLabV3Config(
        input_size=(192, 192), encoder="mobilenet_v2", output_stride=16, auxiliary=True
    ),
)
