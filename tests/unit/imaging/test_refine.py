import cv2
import numpy as np
import pytest

from tfmatting.imaging.io import alpha_to_uint8
from tfmatting.imaging.refine import EdgeFit, _linear_model, enlarge, guided_upsample, settle_ends
from tfmatting.imaging.resize import cover, fit_within, resize
from tfmatting.metrics.temporal import dtssd


def test_guided_upsampling_finds_the_photos_edge_again():
    y, x = np.mgrid[:256, :256]
    truth = (x + 0.3 * y > 180).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, 4, (256, 256, 3))
    image = np.clip(60 + 130 * truth[..., None] + noise, 0, 255).astype(np.uint8)
    small = resize(truth, (32, 32))
    blind = np.abs(enlarge(small, (256, 256)) - truth).mean()
    guided = np.abs(guided_upsample(small, image) - truth).mean()
    assert guided < 0.6 * blind


@pytest.mark.parametrize("middle", [0.5, 0.55])
def test_contrast_turns_alpha_about_its_middle(middle):
    rows = np.repeat(np.linspace(0, 1, 33, dtype=np.float32)[:, None], 24, axis=1)
    image = np.random.default_rng(4).integers(0, 255, (99, 72, 3)).astype(np.uint8)
    plain = guided_upsample(rows, image)
    steep = guided_upsample(rows, image, fit=EdgeFit(contrast=1.5, middle=middle))
    expected = np.clip(0.5 + 1.5 * (plain - middle), 0, 1)
    inside = (plain > 0.01) & (plain < 0.99)  # where `plain` itself was not cut off
    np.testing.assert_allclose(steep[inside], expected[inside], atol=1e-5)
    assert np.array_equal(steep >= 0.5, plain >= middle)


def test_flat_photos_and_odd_sizes_stay_in_range():
    alpha = np.random.default_rng(1).random((32, 32)).astype(np.float32)
    for size in ((1, 1), (300, 7), (37, 41)):
        result = guided_upsample(alpha, np.full((*size, 3), 80, np.uint8))
        assert result.shape == size and result.min() >= 0 and result.max() <= 1
        assert enlarge(alpha, size).shape == size


@pytest.mark.parametrize("size", [(50, 20), (10, 200), (64, 64)])
def test_cover_fills_any_frame(size):
    picture = np.random.default_rng(2).integers(0, 255, (30, 40, 3)).astype(np.uint8)
    assert cover(picture, size).shape == (*size, 3)


def test_fit_within_shrinks_only():
    picture = np.zeros((100, 50, 3), np.uint8)
    assert fit_within(picture, 20).shape == (20, 10, 3)
    assert fit_within(picture, 500) is picture


def test_a_guide_that_is_passed_in_gives_the_same_matte():
    image = np.random.default_rng(3).integers(0, 255, (301, 173, 3)).astype(np.uint8)
    alpha = np.random.default_rng(4).random((64, 48)).astype(np.float32)
    shared = guided_upsample(alpha, image, guide=resize(image, (64, 48)))
    assert np.array_equal(shared, guided_upsample(alpha, image))


@pytest.mark.parametrize("size", [(400, 300), (64, 700), (97, 41)])
def test_what_is_not_computed_is_what_would_have_come_of_it(size):
    """Blocks that any colours leave at 0 or 1 are filled; the others are computed."""
    y, x = np.mgrid[-1:1:48j, -1:1:40j]
    alpha = np.clip(4 * (0.6 - np.hypot(y, x)), 0, 1).astype(np.float32)
    image = np.random.default_rng(5).integers(0, 255, (*size, 3)).astype(np.uint8)
    plain = guided_upsample(alpha, image)
    assert (plain == 0).any() and (plain == 1).any()
    slope, offset = _linear_model(resize(image, alpha.shape), alpha, 2, 1e-4)
    model = cv2.resize(np.dstack([slope / 255, offset]), size[::-1])
    whole = np.clip((model[..., :3] * image).sum(axis=2) + model[..., 3], 0, 1)
    np.testing.assert_allclose(plain, whole, atol=1e-5)
    settled = guided_upsample(alpha, image, settled=True)
    np.testing.assert_allclose(settled, settle_ends(whole), atol=1e-5)


def test_settled_ends_are_exact_and_the_edge_between_is_left_alone():
    levels = np.linspace(0, 1, 1001, dtype=np.float32)
    settled = settle_ends(levels)
    assert np.all(settled[levels <= 0.02] == 0) and np.all(settled[levels >= 0.98] == 1)
    middle = (levels >= 0.1) & (levels <= 0.9)
    np.testing.assert_allclose(settled[middle], levels[middle], atol=1e-6)
    assert np.all(np.diff(settled) >= 0) and np.diff(settled).max() < 1.3e-3  # no step
    np.testing.assert_allclose(settled, 1 - settled[::-1], atol=1e-6)


def test_settling_takes_the_haze_out_and_adds_no_flicker():
    """A soft edge moves over haze that differs from frame to frame, as a network's does."""
    generator = np.random.default_rng(0)
    columns = np.arange(320, dtype=np.float32)
    ramps = [np.clip((columns - 100 - 2 * time) / 30, 0, 1) for time in range(8)]
    truth = [ramp[None].repeat(40, 0) for ramp in ramps]
    mattes = [
        np.clip(alpha + generator.normal(0, 0.006, alpha.shape), 0, 1).astype(np.float32)
        for alpha in truth
    ]
    settled = [settle_ends(matte) for matte in mattes]
    far, core = truth[0] == 0, truth[-1] == 1
    hazy, clear = alpha_to_uint8(mattes[0])[far], alpha_to_uint8(settled[0])[far]
    assert (hazy > 0).mean() > 0.2 and (clear > 0).mean() < 0.003
    assert (alpha_to_uint8(settled[-1])[core] < 255).mean() < 0.01
    assert dtssd(settled, truth) < 1.02 * dtssd(mattes, truth)
