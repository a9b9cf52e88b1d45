"""The model that ships on real portraits, which are not part of the project.

Set TFMATTING_PORTRAITS to a folder of `image/` + `alpha/` to run it.
"""

import os

import pytest

from tfmatting import load
from tfmatting.datasets.sources import read_all
from tfmatting.evaluation.evaluate import evaluate

FOLDER = os.environ.get("TFMATTING_PORTRAITS")


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.skipif(not FOLDER, reason="TFMATTING_PORTRAITS names no folder of portraits")
def test_the_model_that_ships_keeps_its_quality():
    """A floor well below the figures in the README: another set of photos scores otherwise."""
    result = evaluate(load(), read_all(FOLDER))
    assert not result.problems
    assert result.means["iou"] > 0.93
    assert result.means["mad"] < 0.04
