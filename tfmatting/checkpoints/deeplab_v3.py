"""Names of torchvision's DeepLabV3 modules, and its class count."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tfmatting.backbones.mobilenet_v3 import BLOCKS as MOBILE_BLOCKS
from tfmatting.backbones.resnet import BLOCKS as RESNET_BLOCKS
from tfmatting.checkpoints.pytorch import assign, listed, read_state_dict
from tfmatting.errors import InputError
from tfmatting.models.matting_model import MattingModel, another_form

PASCAL_PERSON = 15
"""Of the 21 classes that torchvision's weights know."""
HEAD = "classifier"
AUXILIARY = "aux_classifier"


def load_deeplab_v3(model: MattingModel, path: str | Path) -> MattingModel:
    """Set a DeepLabV3's weights from torchvision's `.pth`.

    Returns:
        The model, rebuilt with the file's encoder, class count and auxiliary head where these
        differ; of 21 classes the person's is alpha.
    """
    state = read_state_dict(path)
    options = form_of(state)
    if any(getattr(model.matting_config, name) != value for name, value in options.items()):
        model = another_form(model, **options)
    assign(model, state, layer_names(**_naming(model.matting_config)))
    return model


def form_of(state: Mapping[str, np.ndarray]) -> dict:
    """The options of the network that a state dictionary belongs to.

    Raises:
        InputError: no DeepLabV3 of torchvision's.
    """
    score = f"{HEAD}.4.weight"
    if score not in state:
        raise InputError(
            f"A DeepLabV3 of torchvision's has {score}. Received one with: {listed(state)}."
        )
    classes = state[score].shape[0]
    if "backbone.layer1.0.conv1.weight" not in state:
        encoder, output_stride = "mobilenet_v3_large", 16
    else:
        deep = "backbone.layer3.22.conv1.weight" in state
        encoder, output_stride = ("resnet101" if deep else "resnet50"), 8
    return {
        "encoder": encoder,
        "output_stride": output_stride,
        "classes": classes,
        "person_class": PASCAL_PERSON if classes == 21 else min(1, classes - 1),
        "auxiliary": any(name.startswith(AUXILIARY) for name in state),
    }


def _naming(config) -> dict:
    return {"encoder": config.encoder, "auxiliary": config.auxiliary}


def layer_names(encoder: str, auxiliary: bool) -> dict[str, str]:
    """Keras layer -> PyTorch module."""
    names = encoder_names(encoder, "backbone.")
    for part in range(4):
        names[f"aspp_{part}"] = f"{HEAD}.0.convs.{part}.0"
        names[f"aspp_{part}_BN"] = f"{HEAD}.0.convs.{part}.1"
    names["aspp_pooling"] = f"{HEAD}.0.convs.4.1"
    names["aspp_pooling_BN"] = f"{HEAD}.0.convs.4.2"
    names["aspp_project"] = f"{HEAD}.0.project.0"
    names["aspp_project_BN"] = f"{HEAD}.0.project.1"
    names |= {"head": f"{HEAD}.1", "head_BN": f"{HEAD}.2", "classes_conv": f"{HEAD}.4"}
    if auxiliary:
        names["auxiliary_head"] = f"{AUXILIARY}.0"
        names["auxiliary_head_BN"] = f"{AUXILIARY}.1"
        names["auxiliary_conv"] = f"{AUXILIARY}.4"
    return names


def encoder_names(encoder: str, root: str) -> dict[str, str]:
    """Keras layer -> PyTorch module of torchvision's encoders, in the network's order.

    Args:
        encoder: "resnet50", "resnet101", "mobilenet_v3_large" or "mobilenet_v3_small".
        root: what stands before the names: "backbone." in a DeepLabV3.
    """
    names = _resnet_names if encoder in RESNET_BLOCKS else _mobile_names
    return names(encoder, root)


def _resnet_names(encoder: str, root: str) -> dict[str, str]:
    names = {"conv1": f"{root}conv1", "bn1": f"{root}bn1"}
    for stage, repeats in enumerate(RESNET_BLOCKS[encoder], start=1):
        for block in range(repeats):
            ours, theirs = f"layer{stage}_{block}", f"{root}layer{stage}.{block}"
            for part in (1, 2, 3):
                names[f"{ours}_conv{part}"] = f"{theirs}.conv{part}"
                names[f"{ours}_bn{part}"] = f"{theirs}.bn{part}"
            if block == 0:
                names[f"{ours}_downsample_0"] = f"{theirs}.downsample.0"
                names[f"{ours}_downsample_1"] = f"{theirs}.downsample.1"
    return names


def _mobile_names(encoder: str, root: str) -> dict[str, str]:
    names = {"stem": f"{root}0.0", "stem_BN": f"{root}0.1"}
    channels = 16
    for number, (_, expanded, wanted, squeezes, _, _) in enumerate(MOBILE_BLOCKS[encoder]):
        parts = ["depthwise", "project"]
        if expanded != channels:
            parts.insert(0, "expand")
        position = 0
        for part in parts:
            if part == "project" and squeezes:
                theirs = f"{root}{number + 1}.block.{position}"
                names[f"block_{number}_se_fc1"] = f"{theirs}.fc1"
                names[f"block_{number}_se_fc2"] = f"{theirs}.fc2"
                position += 1
            theirs = f"{root}{number + 1}.block.{position}"
            names[f"block_{number}_{part}"] = f"{theirs}.0"
            names[f"block_{number}_{part}_BN"] = f"{theirs}.1"
            position += 1
        channels = wanted
    last = len(MOBILE_BLOCKS[encoder]) + 1
    return names | {"last": f"{root}{last}.0", "last_BN": f"{root}{last}.1"}
