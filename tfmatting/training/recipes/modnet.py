"""Recipes of MODNet."""

from __future__ import annotations

from dataclasses import replace

from tfmatting.datasets.augmentation.composition import Composition
from tfmatting.losses.objective_decomposition import detail_loss, matte_loss, semantic_loss
from tfmatting.models.modnet import LOW_RESOLUTION_PREFIXES, TENSORFLOW, MODNetConfig
from tfmatting.models.variants import low_resolution_only
from tfmatting.training.recipes import portrait
from tfmatting.training.stages.consistency import with_consistency_loss
from tfmatting.training.stages.schedules import Schedule
from tfmatting.training.stages.self_prior import with_self_prior
from tfmatting.training.stages.stage import LossTerms, Optimization, Recipe, Stage

LOSSES: LossTerms = {
    "semantic": ((10.0, semantic_loss),),
    "detail": ((10.0, detail_loss),),
    "alpha": ((1.0, matte_loss),),
}
SEARCHED = {
    "stage_channels": (32, 16, 24, 32, 64, 80, 160, 320),
    "encoded_channels": 320,
    "low_channels": (24, 16),
    "detail_channels": 16,
}
"""Channel counts of `searched`; see `MODNetConfig`."""
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
        stages=(stage, _consistency(10)),
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
        stages=(stage, _consistency(10)),
    )
    return recipe.smoke(input_size=(64, 64)) if smoke else recipe


def temporal(smoke: bool = False) -> Recipe:
    """A MODNet that takes the previous alpha: recipe `light`, then clips made of stills.

    The second stage starts from the first one's network with the weights of the new input 0. The
    prior is missing with probability 0.3, and moved far off or stained in half of the rest; or it
    is what the network itself makes of the picture. So it follows what it sees and not what it
    remembers.

    Command: `python train.py --model modnet --recipe temporal --data DIR --backgrounds DIR`
    """
    first = light()
    stages = (
        first.stage("supervised"),
        Stage(
            name="temporal",
            epochs=8,
            losses=LOSSES,
            schedule=Schedule("cosine", 3e-4, warmup_epochs=0.25),
            optimization=Optimization("adamw", weight_decay=1e-2, clip_norm=1.0),
            targets=TARGETS,
            adapt=with_self_prior,
        ),
    )
    augmentation = replace(first.augmentation, light=0.3)
    recipe = replace(
        first,
        name="temporal",
        stages=stages,
        augmentation=augmentation,
        composition=Composition(),
    )
    return recipe.smoke(input_size=(64, 64)) if smoke else recipe


def temporal_distilled(smoke: bool = False) -> Recipe:
    """`temporal`, in which the network of single pictures teaches the one with a prior.

    The first stage's network, frozen, sees each picture alone; its alpha is half of the second
    stage's target (`--set teacher.share=0.5`). So the prior adds steadiness, and the matte of a
    single picture stays what it was. A larger network teaches with
    `--set teacher.checkpoint=FILE.keras`.

    Command: `python train.py --model modnet --recipe temporal_distilled --data DIR`
    Source: Hinton et al., "Distilling the Knowledge in a Neural Network", NIPS 2014 workshop.
    """
    first = temporal(smoke)
    taught = replace(first.stage("temporal"), start_teaches=True)
    stages = (first.stage("supervised"), taught)
    return replace(first, name="temporal_distilled", stages=stages)


def searched(smoke: bool = False) -> Recipe:
    """A narrow MODNet for a CPU at 192x192, whose channel counts come from a search.

    `SEARCHED` is a network that `benchmarks/search_modnet.py` found at about a third of the time of
    the unsearched one; the rest is recipe `light`. Arrays that fit can come from another MODNet.

    Command: `python train.py --model modnet --recipe searched --data DIR --backbone-weights FILE`
    Expected: IoU 0.949 on 264 photos after 14 epochs; docs/measurements.md has the times.
    """
    first = light()
    recipe = replace(
        first,
        name="searched",
        model=MODNetConfig(input_size=(192, 192), **TENSORFLOW, **SEARCHED),
        batch_size=16,
        backbone_weights="none",
    )
    return recipe.smoke(input_size=(64, 64)) if smoke else recipe


def low_resolution(smoke: bool = False) -> Recipe:
    """The low-resolution branch alone, for easy scenes: recipe `light`, then a stage on it.

    The second stage starts from a whole network's weights and gives a file of the branch alone:
    the encoder stays as it is, and the branch learns by the semantic loss. The whole network keeps
    its own file, because its other branches read features of this one.
    `inference/easy_scenes.py` switches between the two.

    Command: `python train.py --model modnet --recipe low_resolution --stage low_resolution
    --weights FILE --data DIR`
    """
    first = light()
    branch = Stage(
        name="low_resolution",
        epochs=8,
        losses={"semantic": LOSSES["semantic"]},
        schedule=Schedule("cosine", 3e-4, warmup_epochs=0.25),
        optimization=Optimization("adamw", weight_decay=1e-2, clip_norm=1.0),
        trainable=LOW_RESOLUTION_PREFIXES,
        targets=TARGETS,
        adapt=_low_resolution_branch,
    )
    recipe = replace(first, name="low_resolution", stages=(first.stage("supervised"), branch))
    return recipe.smoke(input_size=(64, 64)) if smoke else recipe


def _low_resolution_branch(model, recipe: Recipe):
    return low_resolution_only(model)


def _consistency(epochs: int) -> Stage:
    """Self-supervision on unlabelled frames: Adam 1e-5, batch 1, norms as they are."""
    return Stage(
        name="soc",
        epochs=epochs,
        losses={},
        schedule=Schedule("constant", 1e-5),
        optimization=Optimization("adam", beta_2=0.99),
        freeze_normalization=True,
        adapt=with_consistency_loss,
        unlabelled=True,
        batch_size=1,
    )


RECIPES = {
    "original": original,
    "light": light,
    "temporal": temporal,
    "temporal_distilled": temporal_distilled,
    "low_resolution": low_resolution,
    "searched": searched,
    **portrait.MODNET_RECIPES,
}
