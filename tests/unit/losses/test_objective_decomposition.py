"""MODNet's losses by hand, and the semantic target against PyTorch."""

import numpy as np
import pytest

from tfmatting.losses.objective_decomposition import (
    detail_loss,
    matte_loss,
    semantic_loss,
    semantic_target,
)

ALPHA = np.array([[1.0, 0.4], [0.0, 0.2]], "float32").reshape(1, 2, 2, 1)
BAND = np.array([[0.0, 1.0], [0.0, 1.0]], "float32").reshape(1, 2, 2, 1)
IMAGE = np.full((1, 2, 2, 3), [0.5, -1.0, 0.0], "float32")
SCENE = np.concatenate([ALPHA, BAND, IMAGE], axis=-1)
PRED = np.array([[0.9, 0.5], [0.3, 0.0]], "float32").reshape(1, 2, 2, 1)


def test_detail_counts_in_the_band_alone():
    assert float(detail_loss(SCENE, PRED)[0]) == pytest.approx((0.1 + 0.2) / 4)


def test_the_matte_counts_everywhere_and_fourfold_more_in_the_band_and_in_the_composition():
    error = (0.1 + 5 * 0.1 + 0.3 + 5 * 0.2) / 4
    composed = error * (0.5 + 1.0 + 0.0) / 3
    assert float(matte_loss(SCENE, PRED)[0]) == pytest.approx(error + composed, rel=1e-6)


def test_the_semantic_target_is_pytorchs_reduction_and_a_gaussian():
    torch = pytest.importorskip("torch")
    from scipy.ndimage import gaussian_filter

    alpha = np.random.default_rng(0).random((1, 64, 96, 1)).astype("float32")
    small = torch.nn.functional.interpolate(
        torch.from_numpy(alpha.transpose(0, 3, 1, 2)), scale_factor=1 / 16, mode="bilinear"
    ).numpy()[0, 0]
    expected = gaussian_filter(small.astype("float64"), 0.8, mode="mirror", radius=1)
    ours = np.asarray(semantic_target(alpha))[0, ..., 0]
    np.testing.assert_allclose(ours, expected, atol=1e-6)
    assert float(semantic_loss(alpha, ours[None, ..., None])[0]) == pytest.approx(0, abs=1e-10)
    half = np.full((1, 4, 6, 1), 0.5, "float32")
    assert float(semantic_loss(alpha, half)[0]) == pytest.approx(np.mean((0.5 - expected) ** 2))
