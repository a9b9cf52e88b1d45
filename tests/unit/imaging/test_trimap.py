import numpy as np
import pytest

from tfmatting.imaging.trimap import (
    implicit_trimap,
    to_classes,
    to_float,
    trimap_from_alpha,
    unknown_region,
)


def test_a_hard_edge_gets_a_band_of_the_kernels_width():
    alpha = np.zeros((20, 40), np.uint8)
    alpha[:, 20:] = 255
    trimap = trimap_from_alpha(alpha, 7)
    row = trimap[10]
    assert (row[:17] == 0).all() and (row[17:23] == 128).all() and (row[23:] == 255).all()


def test_soft_pixels_are_unknown():
    alpha = np.full((20, 20), 120, np.uint8)
    assert (trimap_from_alpha(alpha, 1) == 128).all()
    with pytest.raises(ValueError, match="at least 1"):
        trimap_from_alpha(alpha, 0)


def test_encodings():
    disk = np.array([[0, 128, 255, 3, 126, 250]], np.uint8)
    assert to_classes(disk).tolist() == [[0, 1, 2, 0, 1, 2]]
    assert to_float(disk).tolist() == [[0, 0.5, 1, 0, 0.5, 1]]
    assert unknown_region(disk).tolist() == [[False, True, False, False, True, False]]


def test_the_implicit_trimap_is_tensorflows_dilation_and_erosion():
    import tensorflow as tf

    generator = np.random.default_rng(0)
    foreground, background = generator.random((2, 40, 50))
    foreground, background = foreground**6, background**6
    for width in (3, 4):
        kernel = tf.zeros((width, width, 1), tf.float64)
        options = {"strides": [1] * 4, "padding": "SAME", "data_format": "NHWC"}
        solid = (foreground > 0.5).astype("float64")
        empty = (1 - background > 0.5).astype("float64")
        dilated = tf.nn.dilation2d(solid[None, ..., None], kernel, dilations=[1] * 4, **options)
        eroded = tf.nn.erosion2d(empty[None, ..., None], kernel, dilations=[1] * 4, **options)
        expected = np.where((dilated - eroded)[0, ..., 0] > 0, 0.5, solid)
        assert np.array_equal(implicit_trimap(foreground, background, width), expected)
        assert set(np.unique(expected)) == {0.0, 0.5, 1.0} or width == 4
