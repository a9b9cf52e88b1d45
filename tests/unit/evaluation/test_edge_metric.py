import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tfmatting.metrics import edge_mad, mad
from tfmatting.metrics.edge import near_edge


@pytest.fixture
def soft():
    """A person on the left, with an edge of one half transparent column."""
    alpha = np.zeros((20, 40), np.float32)
    alpha[:, :12] = 1
    alpha[:, 12] = 0.5
    return alpha


def test_it_counts_seven_pixels_on_both_sides(soft):
    near = near_edge(soft)
    assert near[:, 5:20].all() and near.sum() == 20 * 15
    wrong = soft.copy()
    wrong[:, 25:] = 1  # far from the edge
    assert edge_mad(wrong, soft) == 0 < mad(wrong, soft)
    wrong[:, 13] = 1
    assert edge_mad(wrong, soft) == pytest.approx(1 / 15)


def test_noise_is_no_edge(soft):
    noisy = soft.copy()
    noisy[:, 30] = 7 / 255
    noisy[:, 2] = 248 / 255
    assert np.array_equal(near_edge(noisy), near_edge(soft))
    noisy[:, 30] = 8 / 255
    assert near_edge(noisy)[:, 30].all()


def test_a_mask_has_the_edge_between_its_two_kinds(soft):
    near = near_edge((soft > 0.7).astype(np.float32), reach=1)
    assert near[:, 10:14].all() and near.sum() == 20 * 4


def test_a_region_narrows_it_and_no_edge_is_an_error(soft):
    region = np.zeros(soft.shape, bool)
    region[:10, 12] = True
    assert edge_mad(np.ones_like(soft), soft, region) == 0.5
    with pytest.raises(ValueError, match="no edge"):
        edge_mad(soft, np.zeros_like(soft))


@given(arrays.arrays(np.float32, (9, 8), elements=st.sampled_from([0.0, 0.25, 1.0])))
def test_it_is_the_mean_by_its_definition(alpha):
    edge = (alpha > 0) & (alpha < 1)
    if not edge.any():
        return
    ys, xs = np.nonzero(edge)
    grid = np.indices(alpha.shape)
    distance = np.hypot(grid[0][..., None] - ys, grid[1][..., None] - xs).min(axis=-1)
    pred = np.flip(alpha)
    expected = np.abs(pred - alpha)[distance <= 3].mean()
    assert edge_mad(pred, alpha, reach=3) == pytest.approx(expected, abs=1e-6)
