"""LFM's three stages: what each may change, and the order they come in."""

import dataclasses

import numpy as np
import pytest

from tfmatting.datasets.synthesis import sample_listing
from tfmatting.models import build, load_model
from tfmatting.models.lfm import FUSION_PREFIX
from tfmatting.training import stage_data
from tfmatting.training.recipes import find_recipe
from tfmatting.training.stage_run import StageRun
from tfmatting.training.stages.compilation import freeze
from tfmatting.training.stages.schedules import Schedule, learning_rate
from tfmatting.training.trainer import run_stage


@pytest.fixture(scope="module")
def recipe():
    recipe = find_recipe("lfm", smoke=True)
    model = dataclasses.replace(recipe.model, feature_channels=8, fusion_channels=(8, 8, 8, 8, 8))
    return dataclasses.replace(recipe, model=model, batch_size=2)


@pytest.fixture(scope="module")
def runs(tmp_path_factory, recipe):
    """Initial weights and those after one epoch of each stage, by variable path."""
    folder = tmp_path_factory.mktemp("runs")
    sources = sample_listing(6, size=(64, 64)).sources
    weights, results = None, {}
    for stage in recipe.stages:
        run = StageRun(
            recipe, stage, sources[:4], sources[4:], folder / stage.name, weights=weights, seed=1
        )
        before = (
            load_model(weights) if weights else build("lfm", (64, 64), **_options(recipe.model))
        )
        weights = run_stage(run, print)
        after = load_model(weights)
        changed = {
            one.path: not np.array_equal(np.asarray(one), np.asarray(other))
            for one, other in zip(before.variables, after.variables, strict=True)
        }
        results[stage.name] = changed
    return results


def _options(config):
    return {
        field.name: getattr(config, field.name)
        for field in dataclasses.fields(config)
        if field.name != "input_size"
    }


def test_the_classifier_leaves_the_fusion_net_untouched_by_learning(recipe):
    model = build("lfm", (64, 64), **_options(recipe.model))
    freeze(model, recipe.stage("classifier"))
    learning = {variable.path for variable in model.trainable_variables}
    assert learning and not any(path.startswith(FUSION_PREFIX) for path in learning)


@pytest.mark.slow
def test_the_fusion_stage_changes_nothing_but_the_fusion_net(runs):
    changed = {path for path, differs in runs["fusion"].items() if differs}
    assert changed and all(path.startswith(FUSION_PREFIX) for path in changed)
    assert any("moving_mean" in path for path in changed)


@pytest.mark.slow
def test_the_joint_stage_changes_no_batch_norm(runs):
    changed = {path for path, differs in runs["joint"].items() if differs}
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    assert changed and not any(path.endswith(names) for path in changed)
    assert any(path.startswith("deFG") for path in changed)
    assert any(path.startswith(FUSION_PREFIX) for path in changed)


def test_a_stage_that_leaves_nothing_to_learn_is_refused(recipe):
    model = build("lfm", (64, 64), **_options(recipe.model))
    stage = dataclasses.replace(recipe.stages[0], trainable="no_such_layer")
    with pytest.raises(ValueError, match="nothing to learn"):
        freeze(model, stage)


def test_the_papers_figures():
    recipe = find_recipe("lfm", "paper")
    assert [stage.epochs for stage in recipe.stages] == [15, 4, 7]
    assert recipe.model.encoder == "densenet201" and recipe.model.input_size == (512, 512)
    assert recipe.stage("joint").optimization.name == "sgd"


def test_a_stage_says_what_it_has_otherwise_than_the_recipe():
    recipe = find_recipe("tnet", "portrait")
    stage = dataclasses.replace(recipe.stages[0], input_size=None)
    assert recipe.during(stage) == recipe
    changes = {"input_size": (96, 64), "batch_size": 3, "augmentation_strength": 0.5}
    other = recipe.during(dataclasses.replace(stage, **changes))
    assert (other.model.input_size, other.batch_size) == ((96, 64), 3)
    assert other.composition.replace == recipe.composition.replace / 2
    assert other.composition.empty == recipe.composition.empty


def test_the_triangular_rate_rises_and_falls():
    rate = learning_rate(
        Schedule("triangular", 1.5e-3, lowest=5e-4, half_period=2), epochs=15, steps_per_epoch=10
    )
    values = [float(rate(step)) for step in (0, 10, 20, 30, 40, 60)]
    np.testing.assert_allclose(values, [5e-4, 1e-3, 1.5e-3, 1e-3, 5e-4, 1.5e-3], rtol=1e-5)
    again = type(rate).from_config(rate.get_config())
    assert float(again(20)) == pytest.approx(1.5e-3)


def test_a_nan_loss_stops_the_run_and_keeps_the_last_good_checkpoint(tmp_path, recipe, monkeypatch):
    sources = sample_listing(6, size=(64, 64)).sources
    stage = dataclasses.replace(recipe.stages[0], epochs=3)
    run = StageRun(recipe, stage, sources[:4], sources[4:], tmp_path, seed=1)
    dataset = stage_data.distillation_dataset

    def poisoned(*arguments, **options):
        import tensorflow as tf

        made = dataset(*arguments, **options)

        def spoil(number, batch):
            inputs, truths = batch
            bad = tf.where(number == 3, float("nan"), 0.0)
            return inputs, {**truths, "alpha": truths["alpha"] + bad}

        return made.enumerate().map(spoil)

    monkeypatch.setattr(stage_data, "distillation_dataset", poisoned)
    with pytest.raises(FloatingPointError, match="batch 2"):
        run_stage(run, print)
    kept = load_model(tmp_path / "best.keras")
    assert all(np.isfinite(np.asarray(variable)).all() for variable in kept.variables)
