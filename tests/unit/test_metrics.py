"""Metrics against computations written another way, and against cases worked out by hand."""

import cv2
import numpy as np
import pytest
from scipy import ndimage

from tfmatting import metrics
from tfmatting.metrics.temporal import optical_flow


@pytest.fixture(params=[0, 1, 2])
def mattes(request):
    """Two random mattes with solid and soft parts, and a region."""
    generator = np.random.default_rng(request.param)
    base = ndimage.gaussian_filter(generator.random((70, 50)), 4)
    true = np.clip((base - base.mean()) / base.std() + 0.5, 0, 1).astype(np.float32)
    pred = np.clip(true + generator.normal(0, 0.2, true.shape), 0, 1).astype(np.float32)
    return pred, true, generator.random(true.shape) > 0.5


def test_differences_by_sums(mattes):
    pred, true, region = mattes
    for mask in (None, region):
        p, t = (a.astype(np.float64)[... if mask is None else mask].ravel() for a in (pred, true))
        assert metrics.sad(pred, true, mask) == pytest.approx(sum(abs(p - t)))
        assert metrics.mad(pred, true, mask) == pytest.approx(sum(abs(p - t)) / len(p))
        assert metrics.mse(pred, true, mask) == pytest.approx(np.square(p - t).mean())


def test_differences_by_hand():
    pred, true = np.array([[0.0, 0.5], [1.0, 1.0]]), np.array([[0.0, 1.0], [1.0, 0.0]])
    assert metrics.sad(pred, true) == 1.5
    assert metrics.mad(pred, true) == 0.375
    assert metrics.mse(pred, true) == 0.3125
    assert metrics.sad(pred, true, np.array([[True, True], [False, False]])) == 0.5


def test_overlap_by_hand():
    true = np.zeros((4, 4))
    true[:2] = 1
    pred = np.zeros((4, 4))
    pred[1:3] = 0.5
    assert metrics.iou(pred, true) == pytest.approx(4 / 12)
    assert metrics.dice(pred, true) == pytest.approx(8 / 16)
    empty = np.zeros((4, 4))
    assert metrics.iou(empty, empty) == metrics.dice(empty, empty) == 1.0
    assert metrics.iou(true, empty) == 0.0


def test_the_twin_on_tensors_agrees():
    from tfmatting.ops.overlap import iou

    generator = np.random.default_rng(0)
    true, pred = (generator.random((3, 9, 7, 1)).astype("float32") for _ in range(2))
    true[2], pred[2] = 0, 0
    expected = [metrics.iou(p[..., 0], t[..., 0]) for p, t in zip(pred, true, strict=True)]
    np.testing.assert_allclose(iou(true, pred), expected, rtol=1e-6)


def test_gradient_by_scipy(mattes):
    pred, true, region = mattes
    u = np.arange(-4, 5)
    gaussian = np.exp(-(u**2) / (2 * 1.4**2))
    kernel = np.outer(gaussian, -u * gaussian)
    kernel /= np.linalg.norm(kernel)

    def magnitude(alpha):
        parts = [
            ndimage.convolve(alpha.astype(np.float64), k, mode="nearest")
            for k in (kernel, kernel.T)
        ]
        return np.hypot(*parts)

    squared = (magnitude(pred) - magnitude(true)) ** 2
    assert metrics.gradient_error(pred, true) == pytest.approx(squared.sum(), rel=1e-6)
    assert metrics.gradient_error(pred, true, region) == pytest.approx(squared[region].sum())


def test_gradient_stretches_only_when_asked():
    ramp = np.tile(np.linspace(0.2, 0.7, 30), (30, 1))
    full = np.tile(np.linspace(0, 1, 30), (30, 1))
    assert metrics.gradient_error(ramp, full) > 0.1
    assert metrics.gradient_error(ramp, full, stretch=True) == pytest.approx(0, abs=1e-9)
    # with a solid 0 and 1 in both the two conventions agree
    edge = (full > 0.5).astype(float)
    assert metrics.gradient_error(edge, full, stretch=True) == pytest.approx(
        metrics.gradient_error(edge, full)
    )


def connectivity_by_definition(pred, true):
    """Conn with scipy's labels and a plain loop over pixels' levels."""
    steps = [np.float32(i * 0.1) for i in range(11)]
    levels = np.full(true.shape, np.nan, np.float32)
    for i in range(1, 11):
        both = (pred >= steps[i]) & (true >= steps[i])
        labels, count = ndimage.label(both)  # 4-connected by default
        sizes = ndimage.sum_labels(both, labels, range(1, count + 1))
        largest = labels == 1 + np.argmax(sizes) if count else np.zeros_like(both)
        levels[np.isnan(levels) & ~largest] = steps[i - 1]
    levels[np.isnan(levels)] = 1

    def phi(alpha):
        distance = alpha - levels
        return 1 - np.where(distance >= np.float32(0.15), distance, 0)

    return np.abs(phi(pred) - phi(true))


def test_connectivity_by_definition(mattes):
    pred, true, region = mattes
    expected = connectivity_by_definition(pred, true)
    assert expected.sum() > 1
    assert metrics.connectivity_error(pred, true) == pytest.approx(expected.sum(), rel=1e-5)
    assert metrics.connectivity_error(pred, true, region) == pytest.approx(
        expected[region].sum(), rel=1e-5
    )


def test_connectivity_is_not_fooled_by_a_large_background():
    """With 30 % foreground the background is the largest component of all labels."""
    true = np.zeros((40, 40), np.float32)
    true[:, :12] = 1
    pred = true.copy()
    pred[10:20, 30:35] = 0.6  # an island of 50 pixels, 0.6 off the subject
    assert metrics.connectivity_error(pred, true) == pytest.approx(50 * 0.6, rel=1e-5)
    assert metrics.connectivity_error(true, true) == 0


def test_flicker_by_hand_and_by_loop():
    still = np.zeros((3, 2, 2))
    blinking = still.copy()
    blinking[1] = 0.5
    assert metrics.dtssd(blinking, still) == pytest.approx(0.5)
    nowhere = np.zeros((len(still) - 1, *still.shape[1:], 2), np.float32)
    assert metrics.messddt(still, still, nowhere) == 0
    assert metrics.messddt(blinking, still, nowhere) == pytest.approx(0.25)
    assert metrics.messddt(still + 0.3, still, nowhere) == pytest.approx(0, abs=1e-6)
    assert metrics.dtssd(still + 0.3, still) == 0  # a steady error does not flicker
    generator = np.random.default_rng(0)
    pred, true = generator.random((5, 6, 7)), generator.random((5, 6, 7))
    loop = [
        np.sqrt(np.mean(((pred[i] - pred[i - 1]) - (true[i] - true[i - 1])) ** 2))
        for i in range(1, 5)
    ]
    assert metrics.dtssd(pred, true) == pytest.approx(np.mean(loop))


def test_nothing_is_broadcast():
    with pytest.raises(ValueError, match="share one"):
        metrics.mad(np.zeros((4, 4)), np.zeros((4, 1)))
    with pytest.raises(ValueError, match="share one"):
        metrics.iou(np.zeros((4, 4, 1)), np.zeros((4, 4, 1)))
    with pytest.raises(ValueError, match="no pixels"):
        metrics.sad(np.zeros((4, 4)), np.zeros((4, 4)), np.zeros((4, 4), bool))
    with pytest.raises(ValueError, match="two frames"):
        metrics.dtssd(np.zeros((1, 4, 4)), np.zeros((1, 4, 4)))


def test_an_error_that_moves_with_its_object_does_not_flicker_along_the_flow():
    true = np.zeros((2, 24, 32))
    pred = np.zeros((2, 24, 32))
    pred[0, 8:16, 4:12] = 0.5
    pred[1, 8:16, 9:17] = 0.5
    flow = np.zeros((1, 24, 32, 2), np.float32)
    flow[..., 0] = 5
    assert metrics.messddt(pred, true, flow) == pytest.approx(0, abs=1e-6)
    assert metrics.messddt(pred, true, np.zeros_like(flow)) > 0.02
    assert metrics.dtssd(pred, true) > 0.1
    with pytest.raises(ValueError, match="1 motions"):
        metrics.messddt(pred, true, np.zeros((2, 24, 32, 2), np.float32))


def test_optical_flow_finds_a_shift():
    picture = np.random.default_rng(0).integers(0, 255, (12, 16, 3)).astype(np.uint8)
    before = cv2.resize(picture, (128, 96), interpolation=cv2.INTER_CUBIC)
    flow = optical_flow(before, np.roll(before, 4, axis=1))
    middle = flow[20:-20, 20:-20].reshape(-1, 2)
    np.testing.assert_allclose(np.median(middle, axis=0), [4, 0], atol=0.3)
