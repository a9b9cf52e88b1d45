"""LFM's losses on four pixels, by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmatting.losses.late_fusion import (
    background_loss,
    difference_loss,
    foreground_loss,
    fusion_loss,
    sparsity_loss,
    weighted_cross_entropy,
)
from tfmatting.losses.matting import gradient_l1
from tfmatting.models.lfm import _blend

TRUE = np.array([[1.0, 0.4], [0.0, 0.02]], "float32").reshape(1, 2, 2, 1)
PRED = np.array([[0.8, 0.5], [0.1, 0.3]], "float32").reshape(1, 2, 2, 1)
DIFFERENCE = (0.2**2 + 0.1 + 0.1**2 + 0.28) / 4
ENTROPY = -(np.log(0.8) + 0.5 * np.log(0.5) + np.log(0.9) + 0.5 * np.log(0.7)) / 4
# errors t - p: 0.2, -0.1 / -0.1, -0.28; two differences in each direction
GRADIENT = (0.3 + 0.18) / 2 + (0.3 + 0.18) / 2


def value(loss):
    assert loss.shape == (1,)
    return pytest.approx(float(loss[0]), rel=1e-5)


def test_equations_4_to_7():
    assert value(difference_loss(TRUE, PRED)) == DIFFERENCE
    assert value(gradient_l1(TRUE, PRED)) == GRADIENT
    assert value(weighted_cross_entropy(TRUE, PRED)) == ENTROPY
    total = DIFFERENCE + GRADIENT + ENTROPY
    assert total == value(foreground_loss(TRUE, PRED))


def test_the_background_branch_is_the_foreground_branch_on_the_inverse():
    """But for 0.02, whose inverse 0.98 is foreground at 0.05 as 0.4's is."""
    inverse = 1 - TRUE
    assert float(foreground_loss(inverse, PRED)[0]) == value(background_loss(TRUE, PRED))


def test_side_outputs_are_summed():
    three = np.repeat(PRED, 3, axis=-1)
    assert value(foreground_loss(TRUE, three)) == 3 * (DIFFERENCE + GRADIENT + ENTROPY)


def test_equation_8_weighs_the_transition_tenfold():
    expected = (0.1 * 0.2 + 0.1 + 0.1 * 0.1 + 0.28) / (0.1 + 1 + 0.1 + 1)
    assert expected == value(fusion_loss(TRUE, PRED))


def test_equation_10_is_least_for_solid_mattes():
    expected = np.mean(PRED**0.9 + (1 - PRED) ** 0.9)
    assert float(expected) == value(sparsity_loss(TRUE, PRED))
    assert float(sparsity_loss(TRUE, np.round(PRED))[0]) == pytest.approx(1.0, abs=1e-4)


def test_alpha_does_not_depend_on_beta_where_the_branches_agree():
    """Equation 3: d alpha / d beta = F + B - 1, of the network's own blend."""
    foreground, background, beta = (
        tf.Variable(np.reshape(values, (1, 1, 3, 1)), dtype="float32")
        for values in ([0.7, 0.9, 0.2], [0.3, 0.4, 0.2], [0.1, 0.5, 0.9])
    )
    with tf.GradientTape() as tape:
        alpha = _blend(foreground, background, beta)
    slope = keras.ops.convert_to_numpy(tape.gradient(alpha, beta))
    np.testing.assert_allclose(slope.ravel(), [0.0, 0.3, -0.6], atol=1e-6)
