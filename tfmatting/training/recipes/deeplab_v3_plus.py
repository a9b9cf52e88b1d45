"""Recipes of DeepLabV3+."""

from __future__ import annotations

from dataclasses import replace

from tfmatting.losses.segmentation import cross_entropy
from tfmatting.models.deeplab_v3_plus import TENSORFLOW, DeepLabV3PlusConfig
from tfmatting.ops.overlap import dice_without_background
from tfmatting.training.recipes.segmentation import SCALED_SIZE, recipes
from tfmatting.training.stages.schedules import Schedule
from tfmatting.training.stages.stage import Optimization, Recipe, Stage


def frozen_start(smoke: bool = False) -> Recipe:
    """50 epochs with the backbone frozen, at batch 8, then 50 of all layers, at batch 4.

    SGD (7e-3, momentum 0.9, weight decay 1e-4), cross-entropy, 512x512, from an ImageNet encoder.
    The cosine of the rate falls from 7e-3 to 0 in each stage; in the original one cosine spans both
    and ends at a hundredth, and the rate also follows the batch size.

    Command: `python train.py --model deeplab_v3_plus --recipe frozen_start --data DIR`
    Source: bubbliiiing/deeplabv3-plus-pytorch, train.py.
    """
    everything = Stage(
        name="supervised",
        epochs=50,
        losses={"classes": ((1.0, cross_entropy),)},
        schedule=Schedule("cosine", 7e-3),
        optimization=Optimization("sgd", weight_decay=1e-4, momentum=0.9),
        metrics={"classes": (dice_without_background,)},
        batch_size=4,
    )
    frozen = replace(everything, name="frozen", batch_size=8, freeze_backbone=True)
    recipe = Recipe(
        name="frozen_start",
        model_name="deeplab_v3_plus",
        model=DeepLabV3PlusConfig(**TENSORFLOW),
        batch_size=8,
        stages=(frozen, everything),
    )
    return recipe.smoke() if smoke else recipe


RECIPES = {
    **recipes(
        "deeplab_v3_plus",
        original=DeepLabV3PlusConfig(input_size=SCALED_SIZE),
        light=DeepLabV3PlusConfig(input_size=(192, 192), **TENSORFLOW),
    ),
    "frozen_start": frozen_start,
}
