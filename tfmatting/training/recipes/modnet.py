"""Recipes of MODNet."""

from __future__ import annotations

from tfmatting.losses.objective_decomposition import detail_loss, matte_loss, semantic_loss
from tfmatting.models.modnet import TENSORFLOW, MODNetConfig
from tfmatting.training.schedules import Schedule
from tfmatting.training.stages import LossTerms, Optimization, Recipe, Stage

LOSSES: LossTerms = {
    "semantic": ((10.0, semantic_loss),),
    "detail": ((10.0, detail_loss),),
    "alpha": ((1.0, matte_loss),),
}
TARGETS = {"semantic": "alpha", "detail": "scene", "alpha": "scene"}


def original(smoke: bool = False) -> Recipe:
    """The paper's supervised training at 512x512.

    SGD (0.01, momentum 0.9), the rate times 0.1 every quarter of 40 epochs, batch 16; losses of
    semantics, detail and matte weighed 10, 10, 1.

    Command: `python train.py --model modnet --data DIR`
    Memory: batch 16 at 512x512 needs a GPU; on a CPU take recipe `light`.
    """
    stage = Stage(
        name="supervised",
        epochs=40,
        losses=LOSSES,
        schedule=Schedule("steps", 0.01, drops=(10, 20, 30)),
        optimization=Optimization("sgd", momentum=0.9),
        targets=TARGETS,
    )
    recipe = Recipe(
        name="original",
        model_name="modnet",
        model=MODNetConfig(),
        batch_size=16,
        stages=(stage,),
    )
    return recipe.smoke(input_size=(64, 64)) if smoke else recipe


def light(smoke: bool = False) -> Recipe:
    """Hours on a CPU: 256x256, AdamW with a cosine.

    Command: `python train.py --model modnet --recipe light --data DIR`
    """
    stage = Stage(
        name="supervised",
        epochs=20,
        losses=LOSSES,
        schedule=Schedule("cosine", 1e-3, warmup_epochs=0.5),
        optimization=Optimization("adamw", weight_decay=1e-2, clip_norm=1.0),
        targets=TARGETS,
    )
    recipe = Recipe(
        name="light",
        model_name="modnet",
        model=MODNetConfig(input_size=(256, 256), **TENSORFLOW),
        batch_size=8,
        stages=(stage,),
    )
    return recipe.smoke(input_size=(64, 64)) if smoke else recipe


RECIPES = {"original": original, "light": light}
