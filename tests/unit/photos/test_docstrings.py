"""The examples in the docstrings run in an empty folder."""

import doctest
import importlib

import pytest

MODULES = {
    "tfmatting.inference.predictor": "Predictor",
    "tfmatting.photos.cutout": "cutout",
    "tfmatting.photos.folder": "matte_folder",
}


@pytest.mark.parametrize("name", MODULES)
def test_examples(name, tmp_path, monkeypatch):
    pytest.importorskip("skimage", reason="the photo comes with scikit-image")
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    results = doctest.testmod(module)
    assert results.attempted > 3 and results.failed == 0
