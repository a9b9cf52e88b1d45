import numpy as np
import pytest

from tfmatting.imaging.trimap import to_classes, to_float, trimap_from_alpha, unknown_region


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
