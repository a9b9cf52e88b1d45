"""Recipes for portraits as people really take them: T-Nets, and MODNets for photos and films."""

from __future__ import annotations

from dataclasses import replace

from tfmatting.config import Size
from tfmatting.datasets.augmentation.augment import Augmentation
from tfmatting.datasets.augmentation.composition import Composition
from tfmatting.losses.matting import alpha_l1, gradient_l1
from tfmatting.losses.objective_decomposition import detail_loss, semantic_loss
from tfmatting.losses.segmentation import bootstrapped_cross_entropy, cross_entropy, dice_loss
from tfmatting.models.modnet import MODNetConfig
from tfmatting.models.tnet import MOBILE, TNetConfig
from tfmatting.training.stages.schedules import Schedule
from tfmatting.training.stages.self_prior import with_self_prior
from tfmatting.training.stages.stage import Optimization, Recipe, Stage

LOSSES = {
    "alpha": (
        (0.5, bootstrapped_cross_entropy),
        (0.5, dice_loss),
        (2.0, alpha_l1),
        (0.5, gradient_l1),
    ),
    "trimap": ((0.05, cross_entropy),),
}
FINE_LOSSES = {
    "alpha": LOSSES["alpha"],
    "semantic": ((2.0, semantic_loss),),
    "detail": ((5.0, detail_loss),),
}
FINE_TARGETS = {"semantic": "alpha", "detail": "scene", "alpha": "alpha"}
VARIATIONS = Augmentation(
    rotation=25.0,
    zoom=(0.85, 1.7),
    shift=0.12,
    brightness=0.22,
    contrast=0.3,
    gamma=1.6,
    grey=0.05,
    light=0.12,
    degradation=0.25,
)
NEARLY_AS_TAKEN = 0.1
"""How far the last epochs vary: photos nearly as people take them."""
SCENES = Composition(replace=0.22, empty=0.14, softness=0.012, careless=0.3, distractor=0.5)


def portrait(smoke: bool = False) -> Recipe:
    """The best matte that a phone can compute in real time.

    Cheap epochs at 192x192 first, then 320x320 at a constant rate whose weights are averaged,
    then a few near the photos as they were taken, three times over: the mean of the three runs'
    weights is the result. A third of the portraits stand in other scenes or are left out of them,
    so that a picture without people gives an empty matte.

    Command: `python train.py --model tnet --recipe portrait --data PORTRAITS --backgrounds DIR`
    Expected: IoU 0.9645, MAD 0.0206 at the photos' own size in float, after 48 + 20 + 3 x 4
    epochs, 5.5 hours on two cores; docs/portrait.md has the curve.
    """
    recipe = Recipe(
        name="portrait",
        model_name="tnet",
        model=TNetConfig(input_size=(320, 320), **MOBILE),
        batch_size=8,
        augmentation=VARIATIONS,
        composition=SCENES,
        average_decay=0.9995,
        stages=(
            _stage("coarse", 48, 1e-3, input_size=(192, 192)),
            _stage("fine", 20, 4e-4, kind="constant", augmentation_strength=0.5),
            _stage("finish", 4, 3e-4, augmentation_strength=NEARLY_AS_TAKEN, runs=3),
        ),
    )
    return recipe.smoke() if smoke else recipe


def portrait_lite(smoke: bool = False) -> Recipe:
    """As fast as MediaPipe's selfie model: four scales of MobileNetV2, a smaller image.

    It sees more pictures without people than `portrait`.

    Command: `python train.py --model tnet --recipe portrait_lite --data PORTRAITS
    --backgrounds DIR`
    Expected: IoU 0.955, MAD 0.0247 in float, from 30 epochs instead of 60 and one run of 10 at the
    end instead of three of 6.
    """
    recipe = Recipe(
        name="portrait_lite",
        model_name="tnet",
        model=TNetConfig(input_size=(208, 208), levels=4, **MOBILE),
        batch_size=8,
        augmentation=VARIATIONS,
        composition=replace(SCENES, empty=0.2),
        average_decay=0.9995,
        stages=(
            _stage("supervised", 60, 1e-3),
            _stage("finish", 6, 3e-4, augmentation_strength=NEARLY_AS_TAKEN, runs=3),
        ),
    )
    return recipe.smoke() if smoke else recipe


def portrait_fine(smoke: bool = False) -> Recipe:
    """The best matte for photos: MODNet at 320x320, fine-tuned from the published weights.

    The published network has the finest strands of hair and takes animals and empty clothes for
    people; photos near as they were taken, other scenes and pictures without people cure that.
    Its batch normalisation is kept as it is.

    Command: `python train.py --model modnet --recipe portrait_fine --weights MODNET.keras
    --data PORTRAITS --backgrounds DIR`
    Measured on labels by vote (`tools/train_on_vote.py`), 264 photos: IoU 0.9673, MAD 0.0183 after
    two epochs at 384x384, 50 minutes on one core and 34 on two busy ones; 0.9661, 0.0187 as it
    ships, after another at 320x320. docs/portrait.md has the rest.
    """
    finish = _stage("finish", 4, 1e-4, augmentation_strength=NEARLY_AS_TAKEN)
    recipe = Recipe(
        name="portrait_fine",
        model_name="modnet",
        model=MODNetConfig(input_size=(320, 320)),
        batch_size=8,
        augmentation=VARIATIONS,
        composition=SCENES,
        average_decay=0.995,
        stages=(
            replace(finish, losses=FINE_LOSSES, targets=FINE_TARGETS, freeze_normalization=True),
        ),
    )
    return recipe.smoke(input_size=(64, 64)) if smoke else recipe


def portrait_video(smoke: bool = False) -> Recipe:
    """For film and webcams: `portrait_fine` at 256x256, which takes the previous frame's alpha.

    Clips are made of stills: the prior is the alpha a moment before, or none, or a wrong one, or
    the network's own. Few people stand before another scene and two scenes in ten are empty, half
    of those with a prior that shows who has left.

    Command: `python train.py --model modnet --recipe portrait_video --weights FINE.keras
    --data PORTRAITS --backgrounds DIR`
    Measured on labels by vote (`tools/train_on_vote.py`), a clip over a moving background: MAD
    0.0142, dtSSD 0.0205 after two epochs of 17 minutes on two cores.
    """
    fine = portrait_fine()
    temporal = replace(fine.stages[0], name="temporal", adapt=with_self_prior)
    recipe = replace(
        fine,
        name="portrait_video",
        model=MODNetConfig(input_size=(256, 256)),
        augmentation=replace(VARIATIONS, light=0.3),
        composition=replace(SCENES, empty=0.2),
        stages=(temporal,),
    )
    return recipe.smoke(input_size=(64, 64)) if smoke else recipe


def _stage(
    name: str,
    epochs: int,
    rate: float,
    *,
    kind: str = "cosine",
    input_size: Size | None = None,
    augmentation_strength: float = 1.0,
    runs: int = 1,
) -> Stage:
    return Stage(
        name=name,
        epochs=epochs,
        losses=LOSSES,
        schedule=Schedule(kind, rate, warmup_epochs=0.5),
        optimization=Optimization("adamw", weight_decay=1e-2, clip_norm=1.0),
        input_size=input_size,
        augmentation_strength=augmentation_strength,
        runs=runs,
    )


RECIPES = {"portrait": portrait, "portrait_lite": portrait_lite}
MODNET_RECIPES = {"portrait_fine": portrait_fine, "portrait_video": portrait_video}
