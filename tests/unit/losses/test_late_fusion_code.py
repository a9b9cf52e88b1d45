"""LFM's losses as the published code has them: on test_late_fusion's four pixels, by hand."""

import numpy as np

from tests.unit.losses.test_late_fusion import GRADIENT, PRED, TRUE, value
from tfmatting.losses.late_fusion_code import (
    coded_background_loss,
    coded_foreground_loss,
    coded_fusion_loss,
    coded_inverse_segmentation_loss,
    coded_segmentation_loss,
)
from tfmatting.training.recipes import find_recipe

# 0.02 is solid background here, and in the transition by the paper
DIFFERENCE = (0.2**2 + 0.1 + 0.1**2 + 0.28**2) / 4
ENTROPY = -(np.log(0.8) + 0.5 * np.log(0.5) + np.log(0.9) + np.log(0.7)) / 4


def test_the_codes_transition_begins_at_five_hundredths():
    assert value(coded_segmentation_loss(TRUE, PRED)) == DIFFERENCE + ENTROPY
    assert value(coded_foreground_loss(TRUE, PRED)) == DIFFERENCE + ENTROPY + GRADIENT
    weighed = (0.1 * 0.2 + 0.1 + 0.1 * 0.1 + 0.1 * 0.28) / (0.1 + 1 + 0.1 + 0.1)
    assert weighed == value(coded_fusion_loss(TRUE, PRED))


def test_the_background_is_the_inverse_and_side_outputs_are_summed():
    inverse = float(coded_foreground_loss(1 - TRUE, PRED)[0])
    assert inverse == value(coded_background_loss(TRUE, PRED))
    plain = float(coded_segmentation_loss(1 - TRUE, PRED)[0])
    assert plain == value(coded_inverse_segmentation_loss(TRUE, PRED))
    three = np.repeat(PRED, 3, axis=-1)
    assert value(coded_foreground_loss(TRUE, three)) == 3 * (DIFFERENCE + ENTROPY + GRADIENT)


def test_the_recipe_is_the_codes():
    recipe = find_recipe("lfm", "as_published_code")
    assert recipe.model.input_size == (640, 960) and recipe.model.encoder == "densenet201"
    assert [stage.epochs for stage in recipe.stages] == [10, 10, 30]
    joint, paper = recipe.stage("joint"), find_recipe("lfm", "paper").stage("joint")
    rates = [(s.schedule.lowest, s.schedule.learning_rate) for s in (joint, paper)]
    assert rates == [(1e-5, 5e-4), (5e-4, 1e-3)]
    assert joint.fix_statistics and not joint.freeze_normalization
    assert paper.freeze_normalization and not paper.fix_statistics
    assert all(stage.optimization.weight_penalty == 0.01 for stage in recipe.stages)
    terms = {name: [f.__name__ for _, f in found] for name, found in joint.losses.items()}
    assert terms["foreground"] == ["coded_segmentation_loss"]
    assert "sparsity_loss" in [f.__name__ for _, f in recipe.stage("fusion").losses["alpha"]]
