"""MODNet with other encoders and other channel counts."""

import dataclasses

import keras
import numpy as np
import pytest

from tfmatting import build, load_model, save_model
from tfmatting.backbones.membership import in_backbone
from tfmatting.backbones.mobilenet_v2 import CHANNELS
from tfmatting.errors import InputError
from tfmatting.models.variants import low_resolution_only, with_prior_alpha
from tfmatting.training.recipes import find_recipe
from tfmatting.training.recipes.modnet import SEARCHED
from tfmatting.training.stages.compilation import compile_stage
from tfmatting.training.stages.schedules import Schedule

# trainable weights of the encoders, as published: without the classifier, and without the last
# 1x1 convolution where MODNet has its own
ENCODERS = {
    "mobilenet_v1": 4_231_976 - 1_025_000,
    "mobilenet_v3_large": 5_483_032 - 2_511_080,
    "mobilenet_v3_small": 2_542_856 - 1_615_848,
    "efficientnet_lite0": 4_652_008 - 1_281_000 - 412_160,
}
SIZE = (64, 96)


def learnable(layers) -> int:
    return sum(int(np.prod(v.shape)) for layer in layers for v in layer.trainable_variables)


@pytest.mark.parametrize(
    "encoder",
    [
        name if "3_small" in name or "lite" in name else pytest.param(name, marks=pytest.mark.slow)
        for name in ENCODERS
    ],
)
def test_an_encoder_has_its_published_weights_and_all_outputs_their_shapes(encoder):
    model = build("modnet", SIZE, encoder=encoder)
    assert learnable(filter(in_backbone, model.layers)) == ENCODERS[encoder]
    image = np.random.default_rng(0).integers(0, 256, (1, *SIZE, 3)).astype("uint8")
    shapes = {name: value.shape[1:] for name, value in model({"image": image}).items()}
    assert shapes == {"alpha": (*SIZE, 1), "detail": (*SIZE, 1), "semantic": (4, 6, 1)}


def test_another_encoder_learns_and_is_saved(tmp_path):
    keras.utils.set_random_seed(0)
    model = build("modnet", SIZE, encoder="mobilenet_v3_small")
    stage = find_recipe("modnet", "light").stages[0]
    stage = dataclasses.replace(stage, schedule=Schedule("constant", 1e-3))
    compile_stage(model, stage, steps=10)
    model.run_eagerly = True
    image = np.random.default_rng(0).integers(0, 256, (2, *SIZE, 3)).astype("float32")
    alpha = np.zeros((2, *SIZE, 1), "float32")
    alpha[:, 32:] = 1
    scene = np.concatenate([alpha, np.zeros_like(alpha), image / 127.5 - 1], axis=-1)
    targets = {"semantic": alpha, "detail": scene, "alpha": scene}
    logs = [model.train_on_batch({"image": image}, targets, return_dict=True) for _ in range(5)]
    assert logs[-1]["loss"] < logs[0]["loss"]
    save_model(model, tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras")
    assert loaded.matting_config == model.matting_config


def test_the_searched_form_keeps_its_variants():
    keras.utils.set_random_seed(0)
    model = build("modnet", (32, 64), **SEARCHED)
    assert learnable(model.layers) < 0.5 * 6_487_075
    image = np.random.default_rng(0).integers(0, 256, (2, 32, 64, 3)).astype("float32")
    outputs = model({"image": image}, training=False)
    prior = np.random.default_rng(1).random((2, 32, 64, 1)).astype("float32")
    temporal = with_prior_alpha(model)({"image": image, "prior_alpha": prior}, training=False)
    np.testing.assert_allclose(temporal["alpha"], outputs["alpha"], atol=1e-5)
    branch = low_resolution_only(model)({"image": image}, training=False)
    np.testing.assert_allclose(branch["semantic"], outputs["semantic"], atol=1e-5)


def test_the_papers_counts_are_the_default():
    stated = build("modnet", (32, 32), stage_channels=CHANNELS)
    assert learnable(stated.layers) == 6_487_075


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoder": "vgg"}, "mobilenet_v3_small"),
        ({"encoder": "mobilenet_v1", "stage_channels": CHANNELS}, "MobileNetV2's"),
        ({"stage_channels": (16, 8)}, "8 numbers"),
        ({"low_channels": (96,)}, "two numbers"),
        ({"detail_channels": 3}, "too small"),
    ],
)
def test_what_cannot_be_built_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        build("modnet", (32, 32), **options)
