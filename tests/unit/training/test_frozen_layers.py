"""What freezing leaves as it was: a backbone, the statistics of batch normalisation."""

import dataclasses

import keras
import numpy as np
import pytest

from tfmatting.backbones.membership import in_backbone
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.models import build, load_model
from tfmatting.training.recipes import find_recipe
from tfmatting.training.stage_run import StageRun
from tfmatting.training.stages.compilation import compile_stage, freeze
from tfmatting.training.trainer import run_stage


def trained(model, stage, steps=2):
    """The paths of the variables that a few steps of a stage change."""
    freeze(model, stage)
    compile_stage(model, stage, steps)
    before = {variable.path: np.array(variable) for variable in model.variables}
    size = model.matting_config.input_size
    generator = np.random.default_rng(0)
    image = generator.integers(0, 256, (2, *size, 3)).astype("float32")
    classes = generator.integers(0, 2, (2, *size, 1)).astype("float32")
    for _ in range(steps):
        model.train_on_batch({"image": image}, dict.fromkeys(model.output, classes))
    return {
        variable.path
        for variable in model.variables
        if not np.array_equal(before[variable.path], np.array(variable))
    }


def names(model):
    return {layer.name for layer in model.layers if in_backbone(layer)}


def test_every_weighted_layer_is_either_the_backbones_or_not():
    model = build("deeplab_v3_plus", (64, 64))
    marked = names(model)
    assert {"Conv1", "bn_Conv1", "block_16_project"} <= marked
    assert not any(name.startswith(("aspp", "shortcut", "cat", "cls")) for name in marked)
    learning = [layer.trainable_variables for layer in model.layers if in_backbone(layer)]
    backbone = sum(int(np.prod(variable.shape)) for group in learning for variable in group)
    assert backbone == 1_811_712  # MobileNetV2 without its last 1x1


@pytest.mark.parametrize("encoder", ["mobilenet_v2", "mobilenet_v1", "efficientnet_lite0"])
def test_the_decoder_of_tnet_is_not_its_backbone(encoder):
    model = build("tnet", (64, 64), encoder=encoder, stem_stride=2)
    marked = names(model)
    weighted = {layer.name for layer in model.layers if layer.weights}
    outside = {name for name in weighted - marked if name != "normalization"}
    assert marked & weighted
    assert all(name.startswith(("s1_", "s2_", "s3_", "s4_", "s5_", "last_")) for name in outside)


def test_a_frozen_backbone_moves_neither_weights_nor_statistics(tmp_path):
    recipe = find_recipe("deeplab_v3_plus", "frozen_start", smoke=True)
    recipe = dataclasses.replace(recipe, model=dataclasses.replace(recipe.model, width=0.25))
    frozen = recipe.stages[0]
    sources = sample_listing(6, size=(64, 64)).sources
    run = StageRun(recipe, frozen, sources[:4], sources[4:], tmp_path, seed=1)
    before = build("deeplab_v3_plus", recipe.model.input_size, width=0.25)
    marked = names(before)
    start = tmp_path / "start.keras"
    before.save(start)
    checkpoint = run_stage(dataclasses.replace(run, weights=start), print)
    after = load_model(checkpoint)
    moved = {
        one.path.split("/")[0]
        for one, other in zip(before.variables, after.variables, strict=True)
        if not np.array_equal(np.array(one), np.array(other))
    }
    assert moved and not moved & marked
    assert any("BN" in name or "bn" in name.lower() for name in moved)


def test_the_second_stage_moves_the_backbone_too():
    recipe = find_recipe("deeplab_v3_plus", "frozen_start", smoke=True)
    model = build("deeplab_v3_plus", (32, 32), width=0.25)
    changed = trained(model, recipe.stages[1])
    assert "Conv1/kernel" in changed and "bn_Conv1/moving_mean" in changed


def test_a_model_without_an_encoder_has_no_backbone_to_freeze():
    stage = dataclasses.replace(find_recipe("unet").stages[0], freeze_backbone=True)
    with pytest.raises(ValueError, match="freeze_backbone"):
        freeze(build("unet", (32, 32), width=0.125), stage)


def test_fixed_statistics_stay_while_scale_and_offset_learn():
    recipe = find_recipe("tnet", "mobile", smoke=True)
    model = build("tnet", (64, 64), width=0.25, stem_stride=2)
    stage = dataclasses.replace(recipe.stages[0], fix_statistics=True)
    changed = trained(model, stage)
    assert not any("moving" in path for path in changed)
    assert any(path.endswith("gamma") for path in changed)
    assert any("moving" in path for path in trained(model, recipe.stages[0]))


def test_fixed_statistics_normalise_in_training_as_in_inference():
    model = build("tnet", (64, 64), width=0.25, stem_stride=2)
    image = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3)).astype("float32")
    recipe = find_recipe("tnet", "mobile", smoke=True)

    def difference():
        used = model({"image": image}, training=False)["alpha"]
        seen = model({"image": image}, training=True)["alpha"]
        return float(keras.ops.max(keras.ops.abs(used - seen)))

    assert difference() > 1e-3
    freeze(model, dataclasses.replace(recipe.stages[0], fix_statistics=True))
    assert difference() < 1e-6
