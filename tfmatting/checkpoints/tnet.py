"""Names of the original T-Net's PyTorch modules, with its inverted residuals or its `conv_dw`."""

from __future__ import annotations

from pathlib import Path

from tfmatting.checkpoints.pytorch import assign, read_state_dict
from tfmatting.imaging.resize import CUBIC
from tfmatting.models.matting_model import MattingModel, another_form
from tfmatting.models.metadata import RESIZING

# the original's modules of inverted residuals, and how many each holds
BLOCK_MODULES = (
    ("feature.block_2", 2),
    ("feature.block_3", 3),
    ("feature.block_4", 4),
    ("feature.block_5", 3),
    ("feature.block_6", 3),
)
SEPARABLE_MODULES = (
    ("feature.block_2", 2),
    ("feature.block_3", 2),
    ("feature.block_4", 6),
    ("feature.block_5", 2),
)
"""The same of an encoder made of `conv_dw`, which has MobileNetV1's blocks."""
SEPARABLE_MARK = "feature.block_1.3.weight"
SEPARABLE = {"encoder": "mobilenet_v1", "block_activation": "relu"}


def load_tnet(model: MattingModel, path: str | Path) -> MattingModel:
    """Set an original-form T-Net's weights from its `.pth`, plain or under the key `tnet`.

    Returns:
        The model, rebuilt with MobileNetV1 as encoder where the file's is made of `conv_dw`. It
        says that photos are resized by the cubic rule, as the original's code does.
    """
    state = read_state_dict(path, wrapper="tnet")
    if SEPARABLE_MARK in state:
        model = another_form(model, **SEPARABLE)
        assign(model, state, separable_layer_names())
    else:
        assign(model, state, layer_names())
    model.metadata = {**model.metadata, RESIZING: CUBIC}
    return model


def layer_names() -> dict[str, str]:
    """Keras layer -> PyTorch module."""
    names = {"Conv1": "feature.head_conv.0", "bn_Conv1": "feature.head_conv.1"}
    modules = ["feature.block_1"]
    modules += [f"{module}.{index}" for module, count in BLOCK_MODULES for index in range(count)]
    modules += ["feature.block_7"]
    for block, module in enumerate(modules):
        prefix = f"block_{block}" if block else "expanded_conv"
        for position, part in ((0, "expand"), (3, "depthwise"), (6, "project")):
            names[f"{prefix}_{part}"] = f"{module}.conv.{position}"
            names[f"{prefix}_{part}_BN"] = f"{module}.conv.{position + 1}"
    return names | _decoder_names()


def separable_layer_names() -> dict[str, str]:
    """Keras layer -> PyTorch module, of an encoder made of `conv_dw`.

    Its features are wider than the decoder: `sN_lateral` brings them to the decoder's channels.
    """
    names = {"conv1": "feature.head_conv.0", "conv1_bn": "feature.head_conv.1"}
    modules = ["feature.block_1"]
    modules += [
        f"{module}.{index}" for module, count in SEPARABLE_MODULES for index in range(count)
    ]
    for block, module in enumerate(modules, start=1):
        for position, part in ((0, "dw"), (3, "pw")):
            names[f"conv_{part}_{block}"] = f"{module}.{position}"
            names[f"conv_{part}_{block}_bn"] = f"{module}.{position + 1}"
    for stage in (4, 3, 2, 1):
        names[f"s{stage}_lateral"] = f"s{stage}_lateral.0"
        names[f"s{stage}_lateral_BN"] = f"s{stage}_lateral.1"
    return names | _decoder_names()


def _decoder_names() -> dict[str, str]:
    names = {}
    for stage in (5, 4, 3, 2):
        names[f"s{stage}_up_conv"] = f"s{stage}_up_conv.1"
        names[f"s{stage}_up_conv_BN"] = f"s{stage}_up_conv.2"
        names[f"s{stage - 1}_fusion"] = f"s{stage - 1}_fusion.0"
        names[f"s{stage - 1}_fusion_BN"] = f"s{stage - 1}_fusion.1"
    names["last_conv"] = "last_conv"
    return names
