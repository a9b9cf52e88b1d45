"""ImageNet weights of torchvision's encoders, and what happens where none can be had."""

import dataclasses
import json

import numpy as np
import pytest
from keras.src.utils import file_utils

from tests.golden.seeded import GOLDEN, seeded_state
from tfmatting import build
from tfmatting.checkpoints.backbone_sources import torchvision_arrays
from tfmatting.checkpoints.deeplab_v3 import encoder_names
from tfmatting.checkpoints.imagenet import load_backbone_weights
from tfmatting.checkpoints.pytorch import assign
from tfmatting.errors import InputError
from tfmatting.layers import NORMALIZATIONS
from tfmatting.training.initialization import initial_model
from tfmatting.training.recipes import RECIPES, find_recipe

ENCODERS = {"resnet50": "", "mobilenet_v3_large": "features."}
SEEN = dict(zip(("mean", "scale"), NORMALIZATIONS["imagenet"], strict=True))


def classifier(encoder):
    """The state of torchvision's classifier whose encoder stands in the golden DeepLabV3."""
    shapes = json.loads((GOLDEN / f"deeplab_v3_{encoder}_shapes.json").read_text())
    return {
        ENCODERS[encoder] + name.removeprefix("backbone."): value
        for name, value in seeded_state(shapes).items()
        if name.startswith("backbone.")
    } | {"fc.weight": np.zeros((1000, 8), np.float32)}


@pytest.mark.parametrize("encoder", ENCODERS)
def test_a_classifier_of_torchvisions_fills_the_encoder(encoder, tmp_path):
    state = classifier(encoder)
    np.savez(tmp_path / "weights.npz", **dict(torchvision_arrays(encoder, state)))
    model = build("deeplab_v3", (32, 32), encoder=encoder, output_stride=16, **SEEN)
    load_backbone_weights(
        model,
        str(tmp_path / "weights.npz"),
        encoder=encoder,
        width=1.0,
        normalization=model.get_layer("normalization"),
    )
    # the one that the golden outputs of DeepLabV3 hold
    names = encoder_names(encoder, ENCODERS[encoder])
    expected = build("deeplab_v3", (32, 32), encoder=encoder, output_stride=16, **SEEN)
    known = {name: state[name] for name in state if name != "fc.weight"}
    assign(expected, known, names)
    for layer in names:
        pairs = zip(model.get_layer(layer).weights, expected.get_layer(layer).weights, strict=True)
        for found, wanted in pairs:
            np.testing.assert_allclose(found, wanted, atol=2e-6, err_msg=found.path)


def test_another_networks_weights_are_refused():
    with pytest.raises(InputError, match=r"no resnet50 of torchvision's: conv1.weight is missing"):
        dict(torchvision_arrays("resnet50", {"features.0.0.weight": np.zeros((1, 1, 1, 1))}))


@pytest.mark.parametrize(
    "name", [(model, recipe) for model in RECIPES for recipe in RECIPES[model]]
)
def test_every_recipe_starts_without_a_network(name, monkeypatch):
    def closed(*_, **__):
        raise Exception("URL fetch failure on https://example.invalid: None")

    monkeypatch.setattr(file_utils, "get_file", closed)
    recipe = find_recipe(*name, smoke=True)
    wanted = find_recipe(*name).backbone_weights
    lines = []
    initial_model(dataclasses.replace(recipe, backbone_weights=wanted), None, lines.append)
    has_source = wanted == "auto" and hasattr(recipe.model, "encoder")
    assert [line.startswith("warning: ") for line in lines] == [True] * has_source or lines == [
        "Encoder starts from random weights."
    ]
    if has_source:
        with pytest.raises((InputError, ImportError), match="--backbone-weights"):
            initial_model(
                dataclasses.replace(recipe, backbone_weights="imagenet"), None, lines.append
            )
