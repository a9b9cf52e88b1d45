"""Recipes of U-Net."""

from __future__ import annotations

from tfmatting.models.unet import UNetConfig
from tfmatting.training.recipes.segmentation import SCALED_SIZE, recipes

RECIPES = recipes(
    "unet",
    original=UNetConfig(input_size=SCALED_SIZE),
    light=UNetConfig(input_size=(192, 192), width=0.25, bilinear=True, corner="half_pixel"),
)
