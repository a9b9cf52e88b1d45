"""The recipes that all segmenters share: the tutorials' own, and one for hours on a CPU."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tfmatting.datasets.augmentation.augment import NONE
from tfmatting.losses.segmentation import binary_cross_entropy, cross_entropy, dice_loss
from tfmatting.ops.overlap import dice_without_background
from tfmatting.training.stages.schedules import Schedule
from tfmatting.training.stages.stage import LossTerms, Optimization, Plateau, Recipe, Stage

SCALED_SIZE = (400, 304)
"""Half of 800x600, the nearest multiple of 16."""
AUXILIARY_WEIGHT = 0.5
"""torchvision's, for the second head of DeepLabV3."""


def losses_of(config: Any) -> LossTerms:
    """Cross-entropy and Dice of all classes; binary cross-entropy for a single channel."""
    entropy = binary_cross_entropy if config.classes == 1 else cross_entropy
    losses: LossTerms = {"classes": ((1.0, entropy), (1.0, dice_loss))}
    if getattr(config, "auxiliary", False):
        losses["auxiliary"] = tuple((AUXILIARY_WEIGHT, loss) for _, loss in losses["classes"])
    return losses


def recipes(model_name: str, original: Any, light: Any) -> dict[str, Callable[..., Recipe]]:
    """Make a segmenter's table of recipes.

    Args:
        model_name: a name of the registry.
        original: the configuration of the original training.
        light: the configuration for a CPU.

    Returns:
        "original": RMSprop (1e-3, momentum 0.9, weight decay 1e-8), the rate times 0.1 when the
        validation Dice has not risen for two epochs, half-size photos, batch 16, 300 epochs,
        nothing varied. "sgd": the same with SGD, which the tutorial tried and found no different.
        "light": AdamW with a cosine from 1e-3, batch 16, 20 epochs, varied photos.
    """

    def original_recipe(smoke: bool = False) -> Recipe:
        stage = Stage(
            name="supervised",
            epochs=300,
            losses=losses_of(original),
            schedule=Schedule("constant", 1e-3),
            optimization=Optimization("rmsprop", weight_decay=1e-8, momentum=0.9),
            targets={"auxiliary": "classes"},
            metrics={"classes": (dice_without_background,)},
            plateau=Plateau("val_classes_dice_without_background"),
        )
        recipe = Recipe(
            name="original",
            model_name=model_name,
            model=original,
            batch_size=16,
            backbone_weights="none",
            augmentation=NONE,
            stages=(stage,),
        )
        return recipe.smoke() if smoke else recipe

    def sgd_recipe(smoke: bool = False) -> Recipe:
        recipe = original_recipe(smoke)
        (stage,) = recipe.stages
        stage = replace(stage, optimization=replace(stage.optimization, name="sgd"))
        return replace(recipe, name="sgd", stages=(stage,))

    def light_recipe(smoke: bool = False) -> Recipe:
        stage = Stage(
            name="supervised",
            epochs=20,
            losses=losses_of(light),
            schedule=Schedule("cosine", 1e-3, warmup_epochs=0.5),
            optimization=Optimization("adamw", weight_decay=1e-2, clip_norm=1.0),
            targets={"auxiliary": "classes"},
            metrics={"classes": (dice_without_background,)},
        )
        recipe = Recipe(
            name="light", model_name=model_name, model=light, batch_size=16, stages=(stage,)
        )
        return recipe.smoke() if smoke else recipe

    return {"original": original_recipe, "sgd": sgd_recipe, "light": light_recipe}
