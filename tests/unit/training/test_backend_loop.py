"""Training on other backends of Keras: the same examples, and checkpoints that open everywhere."""

import dataclasses
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tfmatting import load_model, save_model
from tfmatting.datasets.pipeline.dataset import make_dataset
from tfmatting.datasets.pipeline.settings import PipelineSettings
from tfmatting.datasets.sources import read_all
from tfmatting.imaging.io import list_images, write_image
from tfmatting.training.backend_loop import Batches, train_stage
from tfmatting.training.callbacks.recorder import read_history
from tfmatting.training.recipes.portrait import portrait
from tfmatting.training.stage_run import StageRun

TOOLS = Path(__file__).parents[3] / "tools"


def test_batches_are_those_of_the_tensorflow_pipeline(pairs):
    sources = read_all(str(pairs)).sources
    settings = PipelineSettings((64, 96), 4, shuffle=False)
    batches = Batches(sources, settings, {"alpha": "alpha", "trimap": "trimap"})
    expected = list(make_dataset(sources, settings, epochs=1))
    assert len(batches) == len(expected) == 2  # the incomplete batch is kept
    for (inputs, truths), (wanted_inputs, wanted_truths) in zip(batches, expected, strict=True):
        assert np.array_equal(inputs["image"], wanted_inputs["image"])
        assert set(truths) == {"alpha", "trimap"}
        for name, truth in truths.items():
            assert np.array_equal(truth, wanted_truths[name])


def test_each_epoch_has_another_order_and_drops_the_incomplete_batch(pairs):
    sources = read_all(str(pairs)).sources
    batches = Batches(sources, PipelineSettings((64, 96), 4, shuffle=True), {"alpha": "alpha"})
    assert len(batches) == 1
    first = batches[0][0]["image"]
    assert np.array_equal(first, batches[0][0]["image"])
    batches.on_epoch_end()
    assert not np.array_equal(first, batches[0][0]["image"])


def test_the_best_validation_is_kept_with_averaged_weights(pairs, tmp_path, tiny_checkpoint):
    start = load_model(tiny_checkpoint)
    recipe = portrait(smoke=True)
    stage = dataclasses.replace(recipe.stage("finish"), epochs=2, runs=1, input_size=None)
    recipe = dataclasses.replace(
        recipe, model=start.matting_config, batch_size=2, average_decay=0.9, stages=(stage,)
    )
    sources = read_all(str(pairs)).sources
    lines = []
    run = StageRun(recipe, stage, sources, sources[:2], tmp_path, weights=tiny_checkpoint)
    best = load_model(train_stage(run, lines.append))
    assert best.metadata["stage"] == "finish" and best.metadata["epoch"] in (1, 2)
    settings = PipelineSettings((64, 96), 2, shuffle=False)
    ((inputs, truths),) = make_dataset(sources[:2], settings, epochs=1)
    mad = float(np.abs(best.predict(inputs, verbose=0)["alpha"] - truths["alpha"]).mean())
    row = read_history(tmp_path / "history.csv")[best.metadata["epoch"] - 1]
    assert float(row["val_alpha_mad"]) == pytest.approx(mad, abs=1e-5)  # of the weights in the file
    assert sum("finish 1/2" in line for line in lines) == 1
    moved = [
        not np.array_equal(one, other)
        for one, other in zip(best.get_weights(), start.get_weights(), strict=True)
    ]
    assert any(moved)


def run_tool(name, *words, folder, **environment):
    return subprocess.run(
        [sys.executable, str(TOOLS / name), *map(str, words)],
        cwd=folder, capture_output=True, text=True, env={**os.environ, **environment},
    )  # fmt: skip


@pytest.fixture
def packed(pairs, tmp_path):
    for number in range(6):
        picture = np.random.default_rng(number).integers(0, 256, (90, 70, 3)).astype(np.uint8)
        write_image(tmp_path / "negatives" / f"animal_{number}.png", picture)
    words = ["--masks", pairs, "--validation", pairs, "--negatives", "negatives", "-o", "packed"]
    done = run_tool("pack_training_set.py", *words, "--side", 64, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    return tmp_path / "packed"


def test_a_packed_set_is_small_and_refuses_to_be_large(pairs, packed):
    folder = packed.parent
    samples = [source.load() for source in read_all(str(packed / "train")).sources]
    assert len(samples) == 6 and len(read_all(str(packed / "val")).sources) == 6
    assert all(min(sample.image.shape[:2]) == 64 for sample in samples)
    assert len(list_images(packed / "negatives")) == 4  # every third judges
    words = ["--masks", pairs, "--validation", pairs, "-o", "large", "--megabytes", "0.01"]
    done = run_tool("pack_training_set.py", *words, folder=folder)
    assert done.returncode == 1 and "at most 0.01 MB" in done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["negatives", "packed"]


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="needs jax")
def test_jax_trains_what_tensorflow_opens(packed, tiny_tnet):
    folder = packed.parent
    save_model(tiny_tnet, folder / "tiny.keras")
    words = ["packed", "--weights", "tiny.keras", "--output", "run", "--epochs", 1]
    words += ["--side", 64, "--batch-size", 2]
    done = run_tool("train_packed.py", *words, folder=folder, KERAS_BACKEND="jax")
    assert done.returncode == 0, done.stderr
    assert "on jax" in done.stdout
    model = load_model(folder / "run" / "best.keras")
    assert model.matting_config.width == 0.25
    image = np.zeros((1, 64, 64, 3), np.uint8)
    assert np.isfinite(model.predict({"image": image}, verbose=0)["alpha"]).all()
