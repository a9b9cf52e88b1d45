"""Recipes of LFM: the two classifiers, then the fusion of their outputs, then all of it."""

from __future__ import annotations

from dataclasses import replace

from tfmatting.datasets.augmentation.augment import Augmentation
from tfmatting.losses.late_fusion import (
    background_loss,
    foreground_loss,
    fusion_loss,
    sparsity_loss,
)
from tfmatting.losses.late_fusion_code import (
    coded_background_loss,
    coded_foreground_loss,
    coded_fusion_loss,
    coded_inverse_segmentation_loss,
    coded_segmentation_loss,
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
CODED_MATTE = ((1.0, coded_fusion_loss), (1.0, gradient_l1), (0.01, sparsity_loss))
CODED_LOSSES: dict[str, LossTerms] = {
    "classifier": {
        "foreground": ((1.0, coded_foreground_loss),),
        "foreground_sides": ((1.0, coded_foreground_loss),),
        "background": ((1.0, coded_background_loss),),
        "background_sides": ((1.0, coded_background_loss),),
    },
    "fusion": {"alpha": CODED_MATTE},
    "joint": {
        "foreground": ((0.5, coded_segmentation_loss),),
        "foreground_sides": ((0.5, coded_segmentation_loss),),
        "background": ((0.5, coded_inverse_segmentation_loss),),
        "background_sides": ((0.5, coded_inverse_segmentation_loss),),
        "alpha": CODED_MATTE,
    },
}
"""By stage, as in the published code."""
CROPS = (512, 800)
"""Sides of the square windows that training photos are cut to."""
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


def portrait(smoke: bool = False) -> Recipe:
    """The light LFM on real portraits in about an hour on two cores.

    `light` from an ImageNet encoder: 14 epochs of the classifiers, 3 of the fusion and 6 of all of
    it, each with one rise and fall of the rate. On 2,000 portraits that is 5,700 steps of 8.

    Command: `python train.py --model lfm --recipe portrait --data DIR`
    Expected: IoU 0.951 on 264 portraits and street photos; see docs/measurements.md.
    """
    rates = {"classifier": (5e-5, 1.5e-3), "fusion": (5e-5, 1.5e-3), "joint": (2e-5, 5e-4)}
    epochs = {"classifier": 14, "fusion": 3, "joint": 6}
    stages = _stages(rates, epochs, "adamw", 1.0)
    recipe = replace(
        light(),
        name="portrait",
        backbone_weights="auto",
        stages=tuple(
            replace(stage, schedule=replace(stage.schedule, half_period=stage.epochs / 2))
            for stage in stages
        ),
    )
    return recipe.smoke(**LIGHT) if smoke else recipe


def paper(smoke: bool = False) -> Recipe:
    """The paper's training: DenseNet-201 at 512x512, SGD with a cyclical learning rate.

    Rates 5e-4 to 1.5e-3 (classifier), 1e-5 to 5e-4 (fusion), 5e-4 to 1e-3 (joint) with a half
    period of two epochs; batch 2. Photos are turned by up to 15 degrees and cut to windows of 512
    or 800 pixels. The fusion rates, momentum and clipping are the code's; the gradient loss of
    the final alpha, too, is in the code only.

    Command: `python train.py --model lfm --recipe paper --data DIR`
    Memory and time of a step: see docs/measurements.md.
    """
    rates = {"classifier": (5e-4, 1.5e-3), "fusion": (1e-5, 5e-4), "joint": (5e-4, 1e-3)}
    recipe = Recipe(
        name="paper",
        model_name="lfm",
        model=LFMConfig(),
        batch_size=2,
        augmentation=Augmentation(rotation=15.0, crops=CROPS),
        stages=_stages(rates, {"classifier": 15, "fusion": 4, "joint": 7}, "sgd", 2.0),
    )
    return recipe.smoke(**LIGHT) if smoke else recipe


def as_published_code(smoke: bool = False) -> Recipe:
    """The training of the published Keras code, where it is not what the paper says.

    Against `paper`:

    - A pixel is in the transition where 0.05 < alpha < 0.95, not where 0 < alpha < 1. That decides
      the weights of the cross-entropy and of L_u, and whether L_d is L1 or L2.
    - L_s, the sparsity of alpha (weight 0.01), is in the fusion stage too. In the joint stage, the
      two classifiers' terms are CE + L_d without L_g.
    - The loss has an L2 term: 0.01 times the mean square of each array but batch
      normalisation's. (The code takes the mean absolute value for the first convolution; here it
      is L2 as everywhere.)
    - The joint stage has the fusion stage's rates, 1e-5 to 5e-4, instead of 5e-4 to 1e-3. It keeps
      the statistics of batch normalisation, as the paper says, but scale and offset learn.
    - Epochs are those of the tutorial's commands at 640x960, which count on from stage to stage up
      to 10, 20 and 50: 10, 10 and 30. The code takes 73,716 steps for an epoch, whatever the data;
      here an epoch is one pass.

    As in `paper`: SGD with momentum 0.9, gradients clipped to norm 5, triangular rates with a half
    period of two epochs, batch 2, DenseNet-201. The code's SGD adds nothing to the gradients but
    the L2 term; L_u is its mean over a batch, here over each sample.

    Command: `python train.py --model lfm --recipe as_published_code --data DIR`
    Source: the Keras code of Zhang et al., CVPR 2019, and the tutorial that trains it on AISegment.
    """
    base = paper()
    rates = {"classifier": (5e-4, 1.5e-3), "fusion": (1e-5, 5e-4), "joint": (1e-5, 5e-4)}
    stages = _stages(rates, {"classifier": 10, "fusion": 10, "joint": 30}, "sgd", 2.0)
    recipe = replace(
        base,
        name="as_published_code",
        model=replace(base.model, input_size=(640, 960)),
        stages=tuple(
            replace(
                stage,
                losses=CODED_LOSSES[stage.name],
                optimization=replace(stage.optimization, weight_penalty=0.01),
                freeze_normalization=False,
                fix_statistics=stage.name == "joint",
            )
            for stage in stages
        ),
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


RECIPES = {
    "light": light,
    "portrait": portrait,
    "paper": paper,
    "as_published_code": as_published_code,
}
