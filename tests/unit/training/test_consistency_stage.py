"""The stage on frames without truth, and the temporal form that starts from a plain network."""

import dataclasses

import keras
import numpy as np
import pytest

from tests.networks import settle
from tfmatting import build
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.models import load_model, save_model
from tfmatting.models.variants import low_resolution_only, with_prior_alpha
from tfmatting.training.recipes import find_recipe
from tfmatting.training.stage_run import StageRun
from tfmatting.training.stages.consistency import UnlabelledFrames
from tfmatting.training.trainer import run_stage

FRAMES = [source.load().image for source in sample_listing(6, seed=4, size=(80, 70)).sources]
SOURCES = sample_listing(4, size=(80, 70)).sources


@pytest.fixture(scope="module")
def modnet():
    keras.utils.set_random_seed(1)
    model = build("modnet", (64, 64))
    settle(model, 4, steps=20)
    return model


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory, modnet):
    path = tmp_path_factory.mktemp("modnet") / "m.keras"
    save_model(modnet, path)
    return path


def consistency_run(tmp_path, checkpoint, epochs, **changes):
    recipe = find_recipe("modnet", "light", smoke=True)
    stage = dataclasses.replace(recipe.stage("soc"), epochs=epochs, **changes)
    run = StageRun(
        recipe, stage, SOURCES, SOURCES, tmp_path / "soc", frames=FRAMES, weights=checkpoint
    )
    return run, run_stage(run, report=lambda line: None)


def test_the_branches_come_to_agree_and_norms_stay_as_they_are(tmp_path, checkpoint, modnet):
    schedule = dataclasses.replace(
        find_recipe("modnet", "light").stage("soc").schedule, learning_rate=3e-4
    )
    run, _ = consistency_run(tmp_path, checkpoint, 4, schedule=schedule)
    rows = (run.folder / "history.csv").read_text().splitlines()
    losses = [float(row.split(",")[rows[0].split(",").index("loss")]) for row in rows[1:]]
    assert losses[-1] < 0.8 * losses[0]
    trained = load_model(run.folder / "last.keras")  # a plain MODNet again
    moved = 0
    for layer in trained.layers:
        before, after = modnet.get_layer(layer.name).get_weights(), layer.get_weights()
        same = all(map(np.array_equal, before, after))
        if isinstance(layer, keras.layers.BatchNormalization):
            assert same, layer.name
        moved += bool(before) and not same
    assert moved > 50


def test_a_frames_order_follows_from_seed_and_epoch(modnet):
    frames = UnlabelledFrames(modnet, [frame[:64, :64] for frame in FRAMES])
    count = len(FRAMES)

    def images(seed, first_epoch=0):
        batches = frames.dataset(2, seed, first_epoch=first_epoch).take(count)
        return np.concatenate([inputs["image"] for inputs, _ in batches])

    assert np.array_equal(images(1), images(1)) and not np.array_equal(images(1), images(2))
    assert np.array_equal(images(1)[count:], images(1, first_epoch=1)[:count])
    inputs, targets = next(iter(frames.dataset(2, 0)))
    expected = modnet({"image": inputs["image"]}, training=False)["detail"]
    np.testing.assert_allclose(targets["frozen_detail"], expected, atol=1e-5)
    with pytest.raises(ValueError, match="Received: 6"):
        frames.dataset(7, 0)
    with pytest.raises(ValueError, match="--frames"):
        UnlabelledFrames(modnet, [])


def test_the_temporal_form_gives_the_same_alpha_whatever_the_prior(modnet):
    temporal = with_prior_alpha(modnet)
    assert temporal.count_params() == modnet.count_params() + 288
    image = FRAMES[0][None, :64, :64]
    expected = modnet({"image": image}, training=False)["alpha"]
    for prior in (np.zeros((1, 64, 64, 1), "float32"), np.ones((1, 64, 64, 1), "float32")):
        alpha = temporal({"image": image, "prior_alpha": prior}, training=False)["alpha"]
        # a convolution adds its four channels in another order than its three
        np.testing.assert_allclose(alpha, expected, atol=5e-6)
    assert with_prior_alpha(temporal) is temporal


def test_the_low_resolution_branch_alone_gives_the_enlarged_semantics(modnet):
    coarse = low_resolution_only(modnet)
    assert coarse.count_params() < 0.98 * modnet.count_params()
    image = FRAMES[0][None, :64, :64]
    outputs = coarse({"image": image}, training=False)
    expected = modnet({"image": image}, training=False)["semantic"]
    np.testing.assert_allclose(outputs["semantic"], expected, atol=1e-6)
    alpha = np.asarray(outputs["alpha"])
    assert alpha.shape == (1, 64, 64, 1)
    blocks = alpha.reshape(4, 16, 4, 16).mean(axis=(1, 3))
    np.testing.assert_allclose(blocks, np.asarray(expected)[0, ..., 0], atol=0.15)
    assert low_resolution_only(coarse) is coarse


@pytest.mark.slow
def test_the_low_resolution_stage_trains_that_branch_alone(tmp_path, checkpoint, modnet):
    recipe = find_recipe("modnet", "low_resolution", smoke=True)
    stage = dataclasses.replace(recipe.stage("low_resolution"), epochs=6)
    run = StageRun(recipe, stage, SOURCES, SOURCES, tmp_path, weights=checkpoint)
    run_stage(run, report=lambda line: None)
    trained = load_model(tmp_path / "last.keras")
    assert trained.matting_config.low_resolution
    for layer in filter(lambda layer: layer.weights, trained.layers):
        before = modnet.get_layer(layer.name).get_weights()
        same = all(map(np.array_equal, before, layer.get_weights()))
        assert same != layer.name.startswith(("lr", "semantic")), layer.name
    rows = [row.split(",") for row in (tmp_path / "history.csv").read_text().splitlines()]
    losses = [float(row[rows[0].index("loss")]) for row in rows[1:]]
    assert losses[-1] < 0.9 * losses[0]


def test_models_without_a_prior_are_refused():
    with pytest.raises(ValueError, match="no option 'prior_alpha'"):
        with_prior_alpha(build("unet", (32, 32)))


def test_a_tnet_with_a_prior_begins_as_the_one_without(tiny_tnet):
    temporal = with_prior_alpha(tiny_tnet)
    generator = np.random.default_rng(0)
    image = generator.uniform(0, 255, (1, *tiny_tnet.matting_config.input_size, 3)).astype(
        "float32"
    )
    prior = generator.uniform(0, 1, image.shape[:3] + (1,)).astype("float32")
    expected = tiny_tnet({"image": image}, training=False)
    received = temporal({"image": image, "prior_alpha": prior}, training=False)
    for name, values in expected.items():
        np.testing.assert_allclose(received[name], values, atol=1e-6)
    stem = 3 * 3 * temporal.get_layer("Conv1").filters
    assert temporal.count_params() == tiny_tnet.count_params() + stem


@pytest.mark.slow
def test_the_temporal_stage_learns_to_look_at_the_prior(tmp_path, checkpoint):
    recipe = find_recipe("modnet", "temporal", smoke=True)
    run = StageRun(recipe, recipe.stage("temporal"), SOURCES, SOURCES, tmp_path, weights=checkpoint)
    trained = load_model(run_stage(run, report=lambda line: None))
    assert trained.matting_config.prior_alpha
    stem = next(weight for weight in trained.weights if weight.shape == (3, 3, 4, 32))
    assert np.abs(np.asarray(stem)[:, :, 3]).max() > 0


def test_soc_without_frames_is_left_out_of_all_and_refused_alone(tmp_path, command, monkeypatch):
    from tfmatting.training import trainer

    stages = []
    monkeypatch.setattr(
        trainer, "run_stage", lambda run, report: stages.append(run.stage.name) or tmp_path
    )
    words = ("train", "--model", "modnet", "--smoke", "--output", tmp_path)
    code, out, err = command(*words)
    assert code == 0, err
    assert stages == ["supervised"] and "Stage soc is left out" in out
    code, _, err = command(*words, "--stage", "soc")
    assert code == 2 and "Give --frames" in err
    assert stages == ["supervised"]
