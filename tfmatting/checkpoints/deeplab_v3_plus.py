"""Names of the PyTorch DeepLabV3+ code's modules, with MobileNetV2."""

from __future__ import annotations

from pathlib import Path

from tfmatting.checkpoints.pytorch import assign, read_state_dict
from tfmatting.models.matting_model import MattingModel, build

BLOCKS = 17


def load_deeplab_v3_plus(model: MattingModel, path: str | Path) -> MattingModel:
    """Set a DeepLabV3+'s weights from the code's `.pth`.

    Returns:
        The model, rebuilt with the file's class count where that differs.
    """
    state = read_state_dict(path)
    scores = state.get("cls_conv.weight")
    config = model.matting_config
    if scores is not None and scores.shape[0] != config.classes:
        classes = scores.shape[0]
        model = build(
            "deeplab_v3_plus",
            config.input_size,
            classes=classes,
            output_stride=config.output_stride,
            mean=config.mean,
            scale=config.scale,
            person_class=min(config.person_class, max(classes, 2) - 1),
        )
    assign(model, state, layer_names())
    return model


def layer_names() -> dict[str, str]:
    """Keras layer -> PyTorch module."""
    root = "backbone.features"
    names = {"Conv1": f"{root}.0.0", "bn_Conv1": f"{root}.0.1"}
    for block in range(BLOCKS):
        parts = {"depthwise": 0, "project": 3}
        if block:
            parts = {"expand": 0, "depthwise": 3, "project": 6}
        prefix = f"block_{block}" if block else "expanded_conv"
        for part, position in parts.items():
            names[f"{prefix}_{part}"] = f"{root}.{block + 1}.conv.{position}"
            names[f"{prefix}_{part}_BN"] = f"{root}.{block + 1}.conv.{position + 1}"
    for part in range(4):
        names[f"aspp_{part}"] = f"aspp.branch{part + 1}.0"
        names[f"aspp_{part}_BN"] = f"aspp.branch{part + 1}.1"
    names |= {"aspp_pooling": "aspp.branch5_conv", "aspp_pooling_BN": "aspp.branch5_bn"}
    names |= {"aspp_project": "aspp.conv_cat.0", "aspp_project_BN": "aspp.conv_cat.1"}
    names |= {"shortcut": "shortcut_conv.0", "shortcut_BN": "shortcut_conv.1"}
    names |= {"decoder_0": "cat_conv.0", "decoder_0_BN": "cat_conv.1"}
    names |= {"decoder_1": "cat_conv.4", "decoder_1_BN": "cat_conv.5"}
    return names | {"classes_conv": "cls_conv"}
