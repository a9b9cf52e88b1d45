"""What a Keras user writes, in an empty folder and fresh processes, with no import but ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TRAIN = """
import numpy as np
import tfmatting

model = tfmatting.build("tnet", (64, 96), width=0.25)
generator = np.random.default_rng(0)
images = generator.integers(0, 256, (4, 64, 96, 3)).astype("float32")
alphas = (generator.random((4, 64, 96, 1)) > 0.5).astype("float32")
model.compile("adam", loss={"alpha": "mae"})
model.fit({"image": images}, {"alpha": alphas}, batch_size=2, epochs=1, verbose=0)
model.save("m.keras")
np.save("images.npy", images)
np.save("alphas.npy", np.asarray(model({"image": images}, training=False)["alpha"]))
"""
USE = """
import keras
import numpy as np
import tfmatting

model = keras.models.load_model("m.keras", safe_mode=True)
images = np.load("images.npy")
alphas = np.asarray(model({"image": images}, training=False)["alpha"])
assert np.array_equal(alphas, np.load("alphas.npy"))
assert int(model.optimizer.iterations) == 2
model.fit({"image": images}, {"alpha": alphas}, batch_size=2, epochs=1, verbose=0)
assert int(model.optimizer.iterations) == 4
photo = images[0].astype("uint8")
alpha = tfmatting.load("m.keras", refine=False).alpha(photo)
assert abs(alpha - np.load("alphas.npy")[0, ..., 0]).max() < 1e-5, "the command line's way"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty")
    python(folder, "-c", TRAIN)
    return folder


def python(folder, *words):
    # the same kernels in each: who imports Keras first is left without oneDNN's
    environment = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": "1"}
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=folder, capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done


def test_a_model_from_build_fit_and_save_opens_in_keras_and_in_load(folder):
    python(folder, "-c", USE)


@pytest.mark.slow
def test_the_commands_take_the_file(folder):
    done = python(
        folder, ROOT / "export.py", "--weights", "m.keras", "--format", "pb", "--output", "m.pb"
    )
    assert (folder / "m.pb").is_file(), done.stdout


def test_building_starts_tensorflow_as_the_commands_do(folder):
    """oneDNN's kernels, and no page of notices; whoever imports TensorFlow first decides alone."""
    ours = "import tfmatting; tfmatting.build('tnet', (32, 32), width=0.25); import os; "
    show = "print(os.environ.get('TF_ENABLE_ONEDNN_OPTS'), os.environ.get('TF_CPP_MIN_LOG_LEVEL'))"
    environment = ["env", "-u", "TF_ENABLE_ONEDNN_OPTS", "-u", "TF_CPP_MIN_LOG_LEVEL"]
    for beginning, expected in (("", "1 3"), ("import tensorflow; ", "None None")):
        done = subprocess.run(
            [*environment, sys.executable, "-c", beginning + ours + show],
            cwd=folder, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.strip() == expected
        if not beginning:
            assert "oneDNN" not in done.stderr and "rebuild TensorFlow" not in done.stderr
