"""Names of the PyTorch DeepLabV3+ code's modules, with MobileNetV2 or Xception."""

from __future__ import annotations

from pathlib import Path

from tfmatting.backbones.xception import PROJECTS
from tfmatting.checkpoints.pytorch import assign, read_state_dict
from tfmatting.models.matting_model import MattingModel, another_form

MOBILE_BLOCKS = 17


def load_deeplab_v3_plus(model: MattingModel, path: str | Path) -> MattingModel:
    """Set a DeepLabV3+'s weights from the code's `.pth`.

    Returns:
        The model, rebuilt with the file's encoder and class count where these differ.
    """
    state = read_state_dict(path)
    scores = state.get("cls_conv.weight")
    config = model.matting_config
    encoder = "xception" if "backbone.block1.skip.weight" in state else "mobilenet_v2"
    classes = config.classes if scores is None else scores.shape[0]
    if (classes, encoder) != (config.classes, config.encoder):
        person_class = min(config.person_class, max(classes, 2) - 1)
        model = another_form(model, encoder=encoder, classes=classes, person_class=person_class)
    assign(model, state, layer_names(encoder))
    return model


def layer_names(encoder: str) -> dict[str, str]:
    """Keras layer -> PyTorch module."""
    names = _xception_names() if encoder == "xception" else _mobile_names()
    for part in range(4):
        names[f"aspp_{part}"] = f"aspp.branch{part + 1}.0"
        names[f"aspp_{part}_BN"] = f"aspp.branch{part + 1}.1"
    names |= {"aspp_pooling": "aspp.branch5_conv", "aspp_pooling_BN": "aspp.branch5_bn"}
    names |= {"aspp_project": "aspp.conv_cat.0", "aspp_project_BN": "aspp.conv_cat.1"}
    names |= {"shortcut": "shortcut_conv.0", "shortcut_BN": "shortcut_conv.1"}
    names |= {"decoder_0": "cat_conv.0", "decoder_0_BN": "cat_conv.1"}
    names |= {"decoder_1": "cat_conv.4", "decoder_1_BN": "cat_conv.5"}
    return names | {"classes_conv": "cls_conv"}


def _mobile_names() -> dict[str, str]:
    root = "backbone.features"
    names = {"Conv1": f"{root}.0.0", "bn_Conv1": f"{root}.0.1"}
    for block in range(MOBILE_BLOCKS):
        parts = {"depthwise": 0, "project": 3}
        if block:
            parts = {"expand": 0, "depthwise": 3, "project": 6}
        prefix = f"block_{block}" if block else "expanded_conv"
        for part, position in parts.items():
            names[f"{prefix}_{part}"] = f"{root}.{block + 1}.conv.{position}"
            names[f"{prefix}_{part}_BN"] = f"{root}.{block + 1}.conv.{position + 1}"
    return names


def _xception_names() -> dict[str, str]:
    names = {}
    for number in (1, 2):
        names[f"conv{number}"] = f"backbone.conv{number}"
        names[f"conv{number}_bn"] = f"backbone.bn{number}"
    separable = {f"conv{number}": f"backbone.conv{number}" for number in (3, 4, 5)}
    for number, projects in enumerate(PROJECTS, start=1):
        theirs = f"backbone.block{number}"
        if projects:
            names[f"block{number}_skip"] = f"{theirs}.skip"
            names[f"block{number}_skipbn"] = f"{theirs}.skipbn"
        for part in (1, 2, 3):
            separable[f"block{number}_sepconv{part}"] = f"{theirs}.sepconv{part}"
    for ours, theirs in separable.items():
        for part in ("depthwise", "bn1", "pointwise", "bn2"):
            names[f"{ours}_{part}"] = f"{theirs}.{part}"
    return names
