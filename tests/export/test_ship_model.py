"""The tool that puts a model into the package."""

import importlib.util
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from tfmatting import load, load_model

TOOL = Path(__file__).parents[2] / "tools" / "ship_model.py"


@pytest.mark.slow
def test_a_checkpoint_is_halved_and_exported(
    tmp_path, tiny_tnet, tiny_checkpoint, monkeypatch, capsys
):
    specification = importlib.util.spec_from_file_location("ship_model", TOOL)
    tool = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(tool)
    words = [TOOL, tiny_checkpoint, "tiny", "--calibration", "sample", "--folder", tmp_path]
    monkeypatch.setattr(sys, "argv", [str(word) for word in words])
    tool.main()
    out = capsys.readouterr().out
    assert "tiny.tflite" in out and "edit the row 'tiny' of PRETRAINED" in out
    checkpoint = tmp_path / "tiny.keras"
    assert stored_types(checkpoint) == {"float16"}
    assert size_of_weights(checkpoint) < size_of_weights(tiny_checkpoint)
    halved = load_model(checkpoint)
    for ours, theirs in zip(halved.weights, tiny_tnet.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2**-11, atol=6e-8)
    assert load(tmp_path / "tiny.tflite").input_size == (64, 96)


def stored_types(path):
    """The types of all arrays of floats in a checkpoint."""
    found = set()

    def look(_, item):
        if isinstance(item, h5py.Dataset) and item.dtype.kind == "f":
            found.add(item.dtype.name)

    with zipfile.ZipFile(path) as archive, h5py.File(archive.open("model.weights.h5")) as weights:
        weights.visititems(look)
    return found


def size_of_weights(path):
    with zipfile.ZipFile(path) as archive:
        return archive.getinfo("model.weights.h5").file_size
