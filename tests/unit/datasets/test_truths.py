"""The truths of a batch are made as far as a stage compares its outputs with them."""

import numpy as np
import pytest

from tfmatting.datasets.pipeline.settings import TRUTHS, PipelineSettings
from tfmatting.datasets.pipeline.truths import inputs_and_truths


@pytest.fixture
def maps():
    generator = np.random.default_rng(0)
    image = generator.integers(0, 256, (2, 8, 6, 3), np.uint8)
    alpha = generator.integers(0, 256, (2, 8, 6, 1), np.uint8)
    return image, alpha, alpha // 86, (alpha > 127).astype(np.uint8)


def test_all_truths_are_made_unless_fewer_are_named(maps):
    _, truths = inputs_and_truths(PipelineSettings((8, 6), 2), *maps)
    assert set(truths) == set(TRUTHS)
    assert {name: truth.shape[-1] for name, truth in truths.items()} == {
        "alpha": 1,
        "trimap": 3,
        "classes": 2,
        "scene": 5,
    }


@pytest.mark.parametrize("name", TRUTHS)
def test_those_that_are_named_are_as_they_were_and_alpha_is_always_there(maps, name):
    _, whole = inputs_and_truths(PipelineSettings((8, 6), 2), *maps)
    _, truths = inputs_and_truths(PipelineSettings((8, 6), 2, truths=(name,)), *maps)
    assert set(truths) == {"alpha", name}
    for one in truths:
        np.testing.assert_array_equal(truths[one], whole[one])


@pytest.mark.parametrize(
    ("model", "recipe", "expected"),
    [
        ("tnet", "mobile", {"alpha", "trimap"}),
        ("modnet", "light", {"alpha", "scene"}),
        ("unet", "light", {"alpha", "classes"}),
    ],
)
def test_a_stage_asks_for_what_its_outputs_are_compared_with(model, recipe, expected):
    from tfmatting.training.initialization import stage_model
    from tfmatting.training.recipes import find_recipe
    from tfmatting.training.stage_data import pipeline_settings

    found = find_recipe(model, recipe, smoke=True)
    stage = found.stages[0]
    network = stage_model(found, stage, None, print)
    assert {"alpha", *pipeline_settings(found, stage, network, 0).truths} == expected
