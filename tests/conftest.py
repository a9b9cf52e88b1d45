"""What several tests share: small models, folders of samples, portraits where they exist."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# as the commands set it: some test modules import Keras first, and training takes 2.7 times as long
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

from tests.networks import settle
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.imaging.io import write_image

# the same examples in every run, and as long as a busy machine needs for them;
# `pytest --hypothesis-profile=default` looks for others
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """Tests neither read nor leave what is kept between runs."""
    os.environ["TFMATTING_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def samples():
    """Six drawn samples, loaded."""
    return [source.load() for source in sample_listing(6, size=(96, 80)).sources]


@pytest.fixture(scope="session")
def pairs(tmp_path_factory, samples) -> Path:
    """A folder of `image/` + `alpha/` with six samples. Tests must not change it."""
    root = tmp_path_factory.mktemp("pairs")
    for sample in samples:
        write_image(root / "image" / f"{sample.identifier}.png", sample.image)
        write_image(root / "alpha" / f"{sample.identifier}.png", sample.alpha)
    return root


@pytest.fixture(scope="session")
def mobile_options() -> dict:
    """Options of the mobile T-Net."""
    pytest.importorskip("keras", reason="the light package is without Keras")
    from tfmatting.models.tnet import MOBILE

    return MOBILE


@pytest.fixture(scope="session")
def tiny_tnet(mobile_options):
    """A quarter-width mobile T-Net at 64x96 with random weights and settled batch norms."""
    import keras

    from tfmatting import build

    keras.utils.set_random_seed(3)
    model = build("tnet", (64, 96), **{**mobile_options, "width": 0.25})
    settle(model, 8)
    return model


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory, tiny_tnet) -> Path:
    """The tiny T-Net as a checkpoint."""
    from tfmatting import save_model

    path = tmp_path_factory.mktemp("checkpoint") / "tiny.keras"
    save_model(tiny_tnet, path)
    return path


@pytest.fixture(scope="session")
def tiny_tflite(tmp_path_factory, tiny_tnet) -> Path:
    """The tiny T-Net as a float32 TFLite file."""
    from tfmatting.exporting.tflite.writer import write_tflite

    path = tmp_path_factory.mktemp("tflite") / "tiny.tflite"
    write_tflite(tiny_tnet, path, "float32", [])
    return path


@pytest.fixture
def eagerly():
    """TensorFlow's functions run eagerly: many are traced for a step or two alone."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def command(capfd):
    """Run a command line; returns (exit code, stdout, stderr)."""
    from tfmatting.cli import main

    def run(*words) -> tuple[int, str, str]:
        try:
            code = main([str(word) for word in words])
        except SystemExit as stop:
            code = stop.code
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return run
