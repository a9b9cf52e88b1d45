"""Pixels without a stated class change no loss, no gradient and no metric."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmatting.losses.late_fusion import foreground_loss, fusion_loss
from tfmatting.losses.matting import alpha_l1
from tfmatting.losses.objective_decomposition import (
    detail_loss,
    matte_loss,
    semantic_loss,
    semantic_target,
)
from tfmatting.losses.segmentation import binary_cross_entropy, cross_entropy, dice_loss
from tfmatting.ops.overlap import dice_without_background
from tfmatting.training.stages.compilation import alpha_iou, alpha_mad, weighted_sum

GENERATOR = np.random.default_rng(0)
HOLE = (slice(None), slice(2, 5), slice(3, 6))
"""Where the truth states nothing."""


def one_hot(channels):
    return np.eye(channels, dtype="float32")[GENERATOR.integers(0, channels, (2, 8, 9))]


def alpha():
    return GENERATOR.random((2, 8, 9, 1)).astype("float32")


def scene():
    band = (alpha() > 0.5).astype("float32")
    return np.concatenate([alpha(), band, alpha(), alpha(), alpha()], axis=-1)


def with_hole(true):
    true = true.copy()
    true[HOLE][..., 0] = -1
    return true


def probabilities(channels):
    return keras.ops.convert_to_numpy(
        keras.ops.softmax(GENERATOR.normal(size=(2, 8, 9, channels)).astype("float32"))
    )


CASES = [
    (cross_entropy, one_hot(3), probabilities(3)),
    (dice_loss, one_hot(3), probabilities(3)),
    (binary_cross_entropy, alpha(), alpha()),
    (dice_loss, alpha(), alpha()),
    (alpha_l1, alpha(), alpha()),
    (foreground_loss, alpha(), alpha()),
    (fusion_loss, alpha(), alpha()),
    (detail_loss, scene(), alpha()),
    (matte_loss, scene(), alpha()),
]


@pytest.mark.parametrize(("loss", "true", "predicted"), CASES)
def test_no_gradient_comes_from_them(loss, true, predicted):
    total = weighted_sum(((1.0, loss),))

    def gradient(truth):
        variable = tf.Variable(predicted)
        with tf.GradientTape() as tape:
            value = tf.reduce_sum(total(tf.constant(truth), variable))
        return value.numpy(), np.asarray(tape.gradient(value, variable))

    _, whole = gradient(true)
    assert np.abs(whole[HOLE]).max() > 0  # else the test could not fail
    value, holed = gradient(with_hole(true))
    assert np.abs(holed[HOLE]).max() == 0 and np.abs(holed).max() > 0
    other = predicted.copy()
    other[HOLE] = 1 - other[HOLE]
    assert total(with_hole(true), other).numpy().sum() == pytest.approx(value, rel=1e-6)


def test_the_semantic_map_does_not_take_them_for_background():
    """The map is at 1/16; its cell 2, 1 is where nothing is stated."""
    true = np.ones((1, 64, 80, 1), "float32")
    holed = true.copy()
    holed[:, 32:48, 16:32] = -1
    total = weighted_sum(((1.0, semantic_loss),))
    right = np.ones((1, 4, 5, 1), "float32")
    assert float(total(holed, right)[0]) == pytest.approx(0, abs=1e-9)
    wrong = right.copy()
    wrong[:, 2, 1] = 0.3
    assert float(total(holed, wrong)[0]) == pytest.approx(0, abs=1e-9)
    beside = right.copy()
    beside[:, 1, 1] = 0.5
    assert float(total(holed, beside)[0]) == pytest.approx(0.25 / 20)
    varied = GENERATOR.random(true.shape).astype("float32")
    expected = np.mean((np.asarray(semantic_target(varied)) - wrong) ** 2)
    assert float(total(varied, wrong)[0]) == pytest.approx(expected, rel=1e-5)


def test_metrics_are_those_of_the_rest():
    true, predicted = (alpha() > 0.4).astype("float32"), alpha()
    rows = np.ones((2, 8, 9, 1), bool)
    rows[HOLE] = False
    rest = [array[rows].reshape(2, 1, -1, 1) for array in (true, predicted)]
    for metric in (alpha_iou, alpha_mad):
        holed = np.asarray(metric(with_hole(true), predicted))
        assert holed == pytest.approx(np.asarray(metric(*rest)), rel=1e-5)
        assert holed != pytest.approx(np.asarray(metric(true, predicted)), rel=1e-5)
    classes, scores = one_hot(3), probabilities(3)
    wide = np.repeat(rows, 3, axis=-1)
    rest = [array[wide].reshape(2, 1, -1, 3) for array in (classes, scores)]
    expected = np.asarray(dice_without_background(*rest))
    holed = np.asarray(dice_without_background(with_hole(classes), scores))
    assert holed == pytest.approx(expected, rel=1e-5)


def test_cross_entropy_is_pytorchs_with_an_ignored_index():
    torch = pytest.importorskip("torch")
    labels = GENERATOR.integers(0, 3, (2, 8, 9))
    scores = GENERATOR.normal(size=(2, 8, 9, 3)).astype("float32")
    true = with_hole(np.eye(3, dtype="float32")[labels])
    labels[HOLE] = 255
    ours = weighted_sum(((1.0, cross_entropy),))(true, keras.ops.softmax(scores))
    theirs = torch.nn.functional.cross_entropy(
        torch.tensor(scores).permute(0, 3, 1, 2), torch.tensor(labels), ignore_index=255
    )
    assert float(np.mean(ours)) == pytest.approx(float(theirs), rel=1e-5)
