import cv2
import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmatting.layers import (
    Conv2D,
    FixedPointwise,
    ResizeBilinear,
    image_normalization,
    scale_channels,
)
from tfmatting.layers.resizing import CORNERS


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("factor", [2, 4])
def test_resizing_is_the_same_with_and_without_tensorflow(corner, factor):
    x = np.random.default_rng(0).random((2, 5, 7, 3)).astype("float32")
    layer = ResizeBilinear(factor, corner)
    size = (5 * factor, 7 * factor)
    fast, portable = layer(x), layer._resize_by_matrices(x)
    assert fast.shape == (2, *size, 3)
    np.testing.assert_allclose(fast, portable, atol=1e-6)


def test_corner_rules_are_what_they_are_called():
    ramp = np.arange(4, dtype="float32").reshape(1, 1, 4, 1)
    rows = {corner: np.asarray(ResizeBilinear(2, corner)(ramp))[0, 0, :, 0] for corner in CORNERS}
    np.testing.assert_allclose(rows["align_corners"], np.linspace(0, 3, 8), atol=1e-6)
    np.testing.assert_allclose(rows["legacy"], [0, 0.5, 1, 1.5, 2, 2.5, 3, 3])
    half_pixel = cv2.resize(ramp[0, :, :, 0], (8, 1), interpolation=cv2.INTER_LINEAR)[0]
    np.testing.assert_allclose(rows["half_pixel"], half_pixel, atol=1e-6)


def test_unknown_corner_rules_are_refused():
    with pytest.raises(ValueError, match="half_pixel"):
        ResizeBilinear(2, "middle")


def test_normalization_reverses_channels_where_asked():
    pixel = np.array([[[[10.0, 20.0, 30.0]]]], "float32")
    bgr = image_normalization((1, 2, 3), 10, "bgr")(pixel)
    np.testing.assert_allclose(np.ravel(bgr), [2.9, 1.8, 0.7], rtol=1e-6)
    rgb = image_normalization((1, 2, 3), 10, "rgb")(pixel)
    np.testing.assert_allclose(np.ravel(rgb), [0.9, 1.8, 2.7], rtol=1e-6)
    with pytest.raises(ValueError, match="rgb"):
        image_normalization((1, 2, 3), 10, "hsv")


def test_fixed_weights_are_no_parameters_and_survive_saving():
    layer = FixedPointwise([[0.0], [0.5], [1.0]])
    assert layer(np.array([[[[0.2, 0.4, 0.4]]]], "float32")).numpy().item() == pytest.approx(0.6)
    assert layer.count_params() == 0
    copy = keras.layers.deserialize(keras.layers.serialize(layer))
    assert copy.matrix == layer.matrix and copy.offset is None


def test_channel_rounding():
    assert [scale_channels(c, 0.75) for c in (16, 24, 32, 96)] == [16, 24, 24, 72]
    assert scale_channels(8, 0.1) == 8


@pytest.mark.parametrize("dilation", [4, 5, 6, 7, (7, 1), (1, 9)])
def test_a_dilation_beyond_the_map_leaves_out_padding_alone(dilation):
    """The map is 5x7 pixels: rows are out of reach from 5 on, columns from 7 on."""
    x = np.random.default_rng(0).normal(size=(2, 5, 7, 3)).astype("float32")
    options = {"dilation_rate": dilation, "padding": "same", "bias_initializer": "uniform"}
    plain, ours = keras.layers.Conv2D(4, 3, **options), Conv2D(4, 3, **options)
    expected = plain(x)
    ours.build(x.shape)
    ours.set_weights(plain.get_weights())
    np.testing.assert_allclose(ours(x), expected, atol=1e-6)


def test_a_dilation_beyond_the_map_computes_the_middle_tap_alone():
    layer = Conv2D(4, 3, dilation_rate=36, padding="same", use_bias=False)
    layer.build((None, 12, 12, 3))
    graph = tf.function(layer).get_concrete_function(tf.TensorSpec((1, 12, 12, 3))).graph
    names = [operator.type for operator in graph.get_operations()]
    assert "SpaceToBatchND" not in names
    (convolution,) = [operator for operator in graph.get_operations() if operator.type == "Conv2D"]
    assert convolution.inputs[1].shape == (1, 1, 3, 4)
    assert list(convolution.get_attr("dilations")) == [1, 1, 1, 1]
