"""Recipes of LFM: the two classifiers, then the fusion of their outputs, then all of it."""

from __future__ import annotations

from tfmatting.datasets.augmentation.augment import Augmentation
from tfmatting.losses.late_fusion import (
    background_loss,
    foreground_loss,
    fusion_loss,
    sparsity_loss,
)
from tfmatting.losses.matting import gradient_l1
from tfmatting.models.lfm import FUSION_PREFIX, LIGHT, LFMConfig
from tfmatting.ops.transition import inverse_transition_mad, transition_mad
from tfmatting.training.stages.schedules import Schedule
from tfmatting.training.stages.stage import LossTerms, Optimization, Recipe, Stage

CLASSIFIER: LossTerms = {
    "foreground": ((1.0, foreground_loss),),
    "foreground_sides": ((1.0, foreground_loss),),
    "background": ((1.0, background_loss),),
    "background_sides": ((1.0, background_loss),),
}
FUSION: LossTerms = {"alpha": ((1.0, fusion_loss), (1.0, gradient_l1))}
JOINT: LossTerms = {
    **{
        output: tuple((0.5 * weight, loss) for weight, loss in terms)
        for output, terms in CLASSIFIER.items()
    },
    "alpha": (*FUSION["alpha"], (0.01, sparsity_loss)),
}
METRICS = {
    "foreground": (transition_mad,),
    "background": (inverse_transition_mad,),
    "alpha": (transition_mad,),
}


def light(smoke: bool = False) -> Recipe:
    """A light LFM on a laptop: the drawn samples at 128x128 in minutes.

    MobileNetV2 as encoder, a quarter of the decoders' width, Adam instead of SGD (a few hundred
    steps are too few for SGD from random weights).

    Command: `python train.py --stage joint`
    Expected: MAD below 0.02 on the drawn samples after the joint stage.
    """
    rates = {"classifier": (1e-4, 3e-3), "fusion": (1e-4, 3e-3), "joint": (5e-5, 1.5e-3)}
    recipe = Recipe(
        name="light",
        model_name="lfm",
        model=LFMConfig(input_size=(128, 128), **LIGHT),
        batch_size=8,
        backbone_weights="none",
        stages=_stages(rates, {"classifier": 40, "fusion": 8, "joint": 32}, "adamw", 4.0),
    )
    return recipe.smoke(**LIGHT) if smoke else recipe


def paper(smoke: bool = False) -> Recipe:
    """The paper's training: DenseNet-201 at 512x512, SGD with a cyclical learning rate.

    Rates 5e-4 to 1.5e-3 (classifier), 1e-5 to 5e-4 (fusion), 5e-4 to 1e-3 (joint) with a half
    period of two epochs; batch 2.

    Command: `python train.py --model lfm --recipe paper --data DIR`
    Memory and time of a step: see the README.
    """
    rates = {"classifier": (5e-4, 1.5e-3), "fusion": (1e-5, 5e-4), "joint": (5e-4, 1e-3)}
    recipe = Recipe(
        name="paper",
        model_name="lfm",
        model=LFMConfig(),
        batch_size=2,
        augmentation=Augmentation(rotation=15.0),
        stages=_stages(rates, {"classifier": 15, "fusion": 4, "joint": 7}, "sgd", 2.0),
    )
    return recipe.smoke(**LIGHT) if smoke else recipe


def _stages(
    rates: dict[str, tuple[float, float]],
    epochs: dict[str, int],
    optimizer: str,
    half_period: float,
) -> tuple[Stage, ...]:
    losses = {"classifier": CLASSIFIER, "fusion": FUSION, "joint": JOINT}
    return tuple(
        Stage(
            name=name,
            epochs=epochs[name],
            losses=losses[name],
            schedule=Schedule(
                "triangular",
                learning_rate=rates[name][1],
                lowest=rates[name][0],
                half_period=half_period,
            ),
            optimization=Optimization(optimizer, clip_norm=5.0),
            trainable=FUSION_PREFIX if name == "fusion" else "",
            frozen=FUSION_PREFIX if name == "classifier" else "",
            freeze_normalization=name == "joint",
            metrics=METRICS,
        )
        for name in losses
    )


RECIPES = {"light": light, "paper": paper}
