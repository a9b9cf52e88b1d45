"""Self-supervision's losses by hand."""

import numpy as np
import pytest
from keras import ops

from tfmatting.losses.consistency import (
    boundary_band,
    detail_consistency,
    semantic_consistency,
)
from tfmatting.losses.objective_decomposition import semantic_target


def halves(size=40):
    alpha = np.zeros((1, size, size, 1), "float32")
    alpha[:, :, size // 2 :] = 1
    return alpha


def test_semantics_and_alpha_pull_at_each_other():
    tf = pytest.importorskip("tensorflow")
    alpha = tf.Variable(np.full((1, 32, 32, 1), 0.8, "float32"))
    semantic = tf.Variable(np.full((1, 2, 2, 1), 0.5, "float32"))
    with tf.GradientTape() as tape:
        loss = semantic_consistency(semantic, alpha)
    assert float(loss[0]) == pytest.approx(2 * 0.3**2, rel=1e-5)
    to_semantic, to_alpha = tape.gradient(loss, [semantic, alpha])
    assert (to_semantic.numpy() < 0).all()  # up to alpha's 0.8
    assert to_alpha.numpy().max() > 0 and to_alpha.numpy().min() >= 0  # down to 0.5
    assert float(semantic_consistency(semantic_target(alpha), alpha)[0]) == pytest.approx(0)


def test_the_band_lies_on_the_outline_and_is_a_twentieth_of_the_side_wide_to_either_side():
    band = np.asarray(boundary_band(halves(100)))[0, 50, :, 0]
    assert band[50 - 2 : 50 + 2].all() and band.sum() == 4  # a window of five: two to either side
    assert not np.asarray(boundary_band(np.ones((1, 20, 20, 1), "float32"))).any()


def test_detail_may_change_outside_the_band_alone():
    alpha = halves(100)
    frozen = np.full_like(alpha, 0.5)
    outside, inside = frozen.copy(), frozen.copy()
    outside[:, :, :30] = 0.9
    inside[:, :, 48:52] = 0.9
    assert float(detail_consistency(outside, frozen, alpha)[0]) == 0
    expected = 0.4 * 4 / 100
    assert float(detail_consistency(inside, frozen, alpha)[0]) == pytest.approx(expected, rel=1e-5)
    assert ops.shape(detail_consistency(inside, frozen, alpha)) == (1,)
