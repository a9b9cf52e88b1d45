"""Names of milesial's U-Net modules."""

from __future__ import annotations

from pathlib import Path

from tfmatting.checkpoints.pytorch import assign, read_state_dict
from tfmatting.models.matting_model import MattingModel

LEVELS = 4


def load_unet(model: MattingModel, path: str | Path) -> MattingModel:
    """Set a U-Net's weights from its `.pth`; its own list of mask values is left out.

    Returns:
        The same model.
    """
    state = read_state_dict(path)
    state.pop("mask_values", None)
    assign(model, state, layer_names(model.matting_config.bilinear))
    return model


def layer_names(bilinear: bool) -> dict[str, str]:
    """Keras layer -> PyTorch module."""
    modules = {"inc": "inc"}
    modules |= {f"down{n}": f"down{n}.maxpool_conv.1" for n in range(1, LEVELS + 1)}
    modules |= {f"up{n}": f"up{n}.conv" for n in range(1, LEVELS + 1)}
    names = {"logits": "outc.conv"}
    for name, module in modules.items():
        for part, position in ((0, 0), (1, 3)):
            names[f"{name}_conv{part}"] = f"{module}.double_conv.{position}"
            names[f"{name}_conv{part}_BN"] = f"{module}.double_conv.{position + 1}"
    if not bilinear:
        names |= {f"up{n}_up": f"up{n}.up" for n in range(1, LEVELS + 1)}
    return names
