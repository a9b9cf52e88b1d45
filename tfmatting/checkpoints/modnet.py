"""Names of the official MODNet's modules."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tfmatting.checkpoints.modnet_onnx import (
    TRAINING_ONLY,
    lacks_training_outputs,
    read_modnet_onnx,
)
from tfmatting.checkpoints.pytorch import assign, read_state_dict
from tfmatting.models.matting_model import MattingModel, another_form
from tfmatting.models.modnet import HALVES

ENCODER = "backbone.model.features"
COPIES = "lr_branch.backbone."
"""The encoder stands in the file twice."""
BLOCKS = {
    "lr16x": "lr_branch.conv_lr16x",
    "lr8x": "lr_branch.conv_lr8x",
    "hr_to_enc2x": "hr_branch.tohr_enc2x",
    "hr_enc2x": "hr_branch.conv_enc2x",
    "hr_to_enc4x": "hr_branch.tohr_enc4x",
    "hr_enc4x": "hr_branch.conv_enc4x",
    **{f"hr4x_{number}": f"hr_branch.conv_hr4x.{number}" for number in range(3)},
    **{f"hr2x_{number}": f"hr_branch.conv_hr2x.{number}" for number in range(4)},
    "hr_0": "hr_branch.conv_hr.0",
    "f_lr4x": "f_branch.conv_lr4x",
    "f2x": "f_branch.conv_f2x",
    "f_0": "f_branch.conv_f.0",
}
"""Our half-instance blocks and the modules they come from."""


def load_modnet(model: MattingModel, path: str | Path) -> MattingModel:
    """Set a MODNet's weights from the official `.ckpt` or `.onnx`.

    Returns:
        The model, rebuilt with a prior alpha where the file's encoder takes four channels. The
        semantic and the detail map keep their random weights where an ONNX file lacks them.
    """
    names = layer_names()
    if Path(path).suffix == ".onnx":
        state = read_modnet_onnx(path)
        if lacks_training_outputs(state):
            names = {
                layer: module
                for layer, module in names.items()
                if not f"{module}.".startswith(TRAINING_ONLY)
            }
    else:
        state = {
            name: value
            for name, value in read_state_dict(path).items()
            if not name.startswith(COPIES)
        }
    stem = state.get(f"{ENCODER}.0.0.weight")
    if stem is not None and (stem.shape[1] == 4) != model.matting_config.prior_alpha:
        model = another_form(model, prior_alpha=stem.shape[1] == 4)
    assign(model, split_halves(state), names)
    return model


def split_halves(state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Split each block's convolution into its batch-normalised and instance-normalised halves."""
    result = dict(state)
    for module in BLOCKS.values():
        for part in ("weight", "bias"):
            value = result.pop(f"{module}.layers.0.{part}", None)
            if value is None:
                continue
            count = value.shape[0] // 2
            result[f"{module}.batch.{part}"] = value[:count]
            result[f"{module}.instance.{part}"] = value[count:]
    return {
        # a dense layer's matrix is a 1x1 kernel
        name: value[..., None, None] if ".se_block.fc." in name else value
        for name, value in result.items()
    }


def layer_names() -> dict[str, str]:
    """Keras layer -> PyTorch module, halves split."""
    names = {"Conv1": f"{ENCODER}.0.0", "bn_Conv1": f"{ENCODER}.0.1"}
    for block in range(17):
        parts = {"expand": 0, "depthwise": 3, "project": 6}
        if not block:
            parts = {"depthwise": 0, "project": 3}
        prefix = f"block_{block}" if block else "expanded_conv"
        for part, position in parts.items():
            names[f"{prefix}_{part}"] = f"{ENCODER}.{block + 1}.conv.{position}"
            names[f"{prefix}_{part}_BN"] = f"{ENCODER}.{block + 1}.conv.{position + 1}"
    names |= {"Conv_1": f"{ENCODER}.18.0", "Conv_1_bn": f"{ENCODER}.18.1"}
    names |= {f"lr_se_fc{n}": f"lr_branch.se_block.fc.{n}" for n in (0, 2)}
    for ours, theirs in BLOCKS.items():
        for half in HALVES:
            names[f"{ours}_{half}"] = f"{theirs}.{half}"
        names[f"{ours}_batch_BN"] = f"{theirs}.layers.1.bnorm"
    names["semantic_conv"] = "lr_branch.conv_lr.layers.0"
    names["detail_conv"] = "hr_branch.conv_hr.1.layers.0"
    return names | {"alpha_conv": "f_branch.conv_f.1.layers.0"}
