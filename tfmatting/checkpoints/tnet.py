"""Names of the original T-Net's PyTorch modules."""

from __future__ import annotations

from pathlib import Path

from tfmatting.checkpoints.pytorch import assign, read_state_dict
from tfmatting.models.matting_model import MattingModel

# the original's modules of inverted residuals, and how many each holds
BLOCK_MODULES = (
    ("feature.block_2", 2),
    ("feature.block_3", 3),
    ("feature.block_4", 4),
    ("feature.block_5", 3),
    ("feature.block_6", 3),
)


def load_tnet(model: MattingModel, path: str | Path) -> MattingModel:
    """Set an original-form T-Net's weights from its `.pth`, plain or under the key `tnet`.

    Returns:
        The same model.
    """
    assign(model, read_state_dict(path, wrapper="tnet"), layer_names())
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
    for stage in (5, 4, 3, 2):
        names[f"s{stage}_up_conv"] = f"s{stage}_up_conv.1"
        names[f"s{stage}_up_conv_BN"] = f"s{stage}_up_conv.2"
        names[f"s{stage - 1}_fusion"] = f"s{stage - 1}_fusion.0"
        names[f"s{stage - 1}_fusion_BN"] = f"s{stage - 1}_fusion.1"
    names["last_conv"] = "last_conv"
    return names
