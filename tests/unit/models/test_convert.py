"""Weights of other code become a model in one call."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from tfmatting import convert, load_model
from tfmatting.errors import InputError, MissingFileError
from tfmatting.models import MattingModel, build


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """An LFM's weights as the Keras 1.14 code saved them, from random numbers."""
    path = tmp_path_factory.mktemp("h5") / "lfm.h5"
    model = build("lfm", (64, 64))
    renamed = {"conv1_conv": "conv1/conv", "conv1_bn": "conv1/bn"}
    generator = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        names = []
        for layer in model.layers:
            if not layer.weights:
                continue
            theirs = renamed.get(layer.name, layer.name)
            group = file.create_group(theirs)
            paths = []
            for weight in layer.weights:
                name = f"{theirs}/{weight.name}:0"
                group.create_dataset(name, data=generator.random(weight.shape, np.float32))
                paths.append(name.encode())
            group.attrs["weight_names"] = paths
            names.append(theirs.encode())
        file.attrs["layer_names"] = names
    return path


def test_it_returns_the_model_and_writes_the_checkpoint(original, tmp_path):
    model = convert(original, "lfm", tmp_path / "lfm.keras", input_size=(64, 96))
    assert isinstance(model, MattingModel) and model.matting_config.input_size == (64, 96)
    with h5py.File(original) as file:
        expected = file["deFG_up4_conv/deFG_up4_conv/kernel:0"][()]
    assert np.array_equal(model.get_layer("deFG_up4_conv").get_weights()[0], expected)
    written = load_model(tmp_path / "lfm.keras", expect="lfm")
    for ours, theirs in zip(written.get_weights(), model.get_weights(), strict=True):
        assert np.array_equal(ours, theirs)


def test_without_an_output_nothing_is_written(original, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    convert(original, "lfm", input_size=(64, 64))
    assert not list(tmp_path.iterdir())


def test_bad_input_is_refused_before_anything_is_built(tmp_path):
    with pytest.raises(InputError, match="Known: lfm, tnet"):
        convert(tmp_path / "x.pth", "unet9")
    with pytest.raises(InputError, match=r"ends in \.keras"):
        convert(tmp_path / "x.pth", "tnet", tmp_path / "x.pth")
    with pytest.raises(MissingFileError, match=r"x\.h5"):
        convert(tmp_path / "x.h5", "lfm")
