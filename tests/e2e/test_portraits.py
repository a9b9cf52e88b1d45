"""The models that ship on real portraits, which are not part of the project.

Set TFMATTING_PORTRAITS to a folder of `image/` + `alpha/` to run it.
"""

import os

import pytest

from tfmatting import load
from tfmatting.datasets.sources import read_all
from tfmatting.evaluation.evaluate import evaluate
from tfmatting.inference import shipped_models

FOLDER = os.environ.get("TFMATTING_PORTRAITS")


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.skipif(not FOLDER, reason="TFMATTING_PORTRAITS names no folder of portraits")
@pytest.mark.parametrize("name", shipped_models())
def test_the_models_that_ship_keep_their_quality(name):
    """A floor below the figures in the README: another set of photos scores otherwise."""
    result = evaluate(load(name), read_all(FOLDER))
    assert not result.problems
    assert result.means["iou"] > 0.945
    assert result.means["mad"] < 0.03
