"""Properties of trimaps and of resizing that hold for any input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmatting.imaging.refine import enlarge
from tfmatting.imaging.resize import cover, fit_within, resize
from tfmatting.imaging.trimap import to_classes, to_float, trimap_from_alpha, unknown_region

QUICK = settings(max_examples=60, deadline=None, database=None)
SIDES = st.integers(1, 60)
SIZES = st.tuples(SIDES, SIDES)


@st.composite
def alphas(draw):
    """Mattes with clear, opaque and soft areas, uint8 [H, W]."""
    height, width = draw(SIZES)
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    alpha = np.zeros((height, width), np.uint8)
    for value in (255, 255, 0, int(generator.integers(1, 255))):
        top, left = generator.integers(0, height), generator.integers(0, width)
        alpha[top : top + height // 2 + 1, left : left + width // 2 + 1] = value
    return alpha


@QUICK
@given(alpha=alphas(), width=st.integers(1, 25))
def test_the_unknown_band_covers_every_soft_pixel(alpha, width):
    trimap = trimap_from_alpha(alpha, width)
    assert set(np.unique(trimap)) <= {0, 128, 255}
    assert (trimap[(alpha > 5) & (alpha < 250)] == 128).all()
    assert (alpha[trimap == 0] <= 5).all() and (alpha[trimap == 255] >= 250).all()


@QUICK
@given(alpha=alphas(), width=st.integers(1, 12))
def test_a_wider_kernel_never_makes_the_band_narrower(alpha, width):
    """Kernels of odd width are nested."""
    narrow, wide = (
        unknown_region(trimap_from_alpha(alpha, 2 * half + 1)) for half in (width - 1, width)
    )
    assert wide[narrow].all()


@QUICK
@given(values=st.lists(st.integers(0, 255), min_size=1, max_size=60))
def test_the_encodings_of_a_trimap_agree(values):
    disk = np.array([values], np.uint8)
    classes = to_classes(disk)
    nearest = np.abs(disk.astype(int)[..., None] - (0, 128, 255)).min(axis=-1)
    assert np.array_equal(np.abs(np.array((0, 128, 255))[classes] - disk), nearest)
    clean = np.array((0, 128, 255), np.uint8)[classes]
    assert np.array_equal(to_classes(clean), classes)  # idempotent
    assert np.array_equal(to_float(disk) * 2, classes)
    assert np.array_equal(unknown_region(disk), classes == 1)


@QUICK
@given(source=SIZES, target=SIZES, grey=st.booleans())
def test_resizing_gives_the_size_and_keeps_a_plain_colour(source, target, grey):
    colour = (90,) if grey else (10, 90, 200)
    image = np.full((*source, len(colour)), colour, np.uint8)
    image = image[..., 0] if grey else image
    expected = colour[0] if grey else colour
    for result in (resize(image, target), cover(image, target)):
        assert result.shape[:2] == target and (result == expected).all()


@QUICK
@given(source=SIZES, factor=st.integers(1, 3), extra=st.integers(1, 40))
def test_cover_crops_the_centre_of_the_longer_side_only(source, factor, extra):
    height, width = source
    image = np.random.default_rng(0).integers(0, 255, (*source, 3)).astype(np.uint8)
    same_shape = (factor * height, factor * width)
    assert np.array_equal(cover(image, same_shape), resize(image, same_shape))
    wider = np.pad(image, ((0, 0), (extra, extra), (0, 0)))
    assert np.array_equal(cover(wider, source), image)


@QUICK
@given(source=SIZES, longest=st.integers(1, 80))
def test_fitting_shrinks_to_the_limit_and_keeps_the_proportions(source, longest):
    image = np.zeros((*source, 3), np.uint8)
    fitted = fit_within(image, longest)
    if max(source) <= longest:
        assert fitted is image
        return
    assert max(fitted.shape[:2]) == longest and min(fitted.shape) >= 1
    for before, after in zip(source, fitted.shape[:2], strict=True):
        assert after == pytest.approx(before * longest / max(source), abs=1)


@QUICK
@given(source=SIZES, target=SIZES, seed=st.integers(0, 2**32 - 1))
def test_an_enlarged_matte_stays_between_0_and_1(source, target, seed):
    alpha = np.random.default_rng(seed).integers(0, 2, source).astype(np.float32)
    result = enlarge(alpha, target)
    assert result.shape == target and result.min() >= 0 and result.max() <= 1
