import cv2
import numpy as np
import pytest

from tfmatting.datasets.synthesis import sample_listing
from tfmatting.datasets.vote import (
    VoteRules,
    ask,
    median_alpha,
    near_outline,
    thick_parts,
    vote_on_mask,
    vote_without_mask,
)

SIZE = (200, 160)


@pytest.fixture(scope="module")
def portrait():
    sample = next(iter(sample_listing(1, size=SIZE).sources)).load()
    return sample.image, sample.alpha


@pytest.fixture
def mask(portrait):
    return np.where(portrait[1] >= 128, 255, 0).astype(np.uint8)


def of_three(*opinions):
    return np.dstack(opinions)


def disc(mask, centre, radius, value):
    return cv2.circle(mask.copy(), centre, radius, value, cv2.FILLED)


def background_corner(mask):
    """The centre of the largest disc of background, and its radius."""
    distance = cv2.distanceTransform((mask < 128).astype(np.uint8), cv2.DIST_L2, 5)
    y, x = np.unravel_index(distance.argmax(), distance.shape)
    return (int(x), int(y)), float(distance.max())


def test_networks_are_asked_in_order(portrait):
    image, alpha = portrait
    truth = alpha.astype(np.float32) / 255
    opinions = ask([lambda _: truth, lambda picture: picture[..., 0] / 255.0], image)
    assert opinions.shape == (*SIZE, 2) and opinions.dtype == np.uint8
    np.testing.assert_array_equal(opinions[..., 0], alpha)
    np.testing.assert_array_equal(opinions[..., 1], image[..., 0])


def test_the_median_outvotes_one(portrait):
    alpha = portrait[1]
    wrong = np.random.default_rng(0).integers(0, 256, SIZE).astype(np.uint8)
    for place in range(3):
        opinions = [alpha, alpha]
        opinions.insert(place, wrong)
        np.testing.assert_array_equal(median_alpha(of_three(*opinions)), alpha)


def test_a_mask_gets_the_medians_outline_and_stays_solid_elsewhere(mask):
    soft = cv2.GaussianBlur(mask, (0, 0), 2)
    flat = np.clip(soft.astype(int), 20, 235).astype(np.uint8)  # never quite sure, as networks are
    verdict = vote_on_mask(mask, of_three(flat, flat, flat))
    outline = near_outline(mask >= 128, VoteRules().band * max(SIZE))
    np.testing.assert_array_equal(verdict.alpha[outline], flat[outline])
    np.testing.assert_array_equal(verdict.alpha[~outline], mask[~outline])
    assert verdict.mended == verdict.disputed == 0


def test_a_hole_that_all_see_filled_is_mended(mask):
    centre = tuple(int(v) for v in np.argwhere(mask >= 128).mean(axis=0)[::-1])
    torn = disc(mask, centre, 14, 0)
    verdict = vote_on_mask(torn, of_three(mask, mask, mask))
    np.testing.assert_array_equal(verdict.alpha, mask)
    assert verdict.mended == pytest.approx((torn != mask).mean(), rel=0.05)
    assert verdict.disputed == 0


def test_a_seat_that_two_of_three_see_as_person_does_not_count(mask):
    centre, free = background_corner(mask)
    seat = disc(mask, centre, int(free * 0.7), 255)
    verdict = vote_on_mask(mask, of_three(seat, seat, mask))
    np.testing.assert_array_equal(verdict.alpha, mask)
    assert verdict.disputed == pytest.approx((seat != mask).mean(), rel=0.05)
    assert verdict.mended == 0


def test_a_strand_thinner_than_a_disc_is_the_networks_to_draw(mask):
    centre, free = background_corner(mask)
    end = (centre[0], centre[1] - int(free * 0.7))
    strand = cv2.line(mask.copy(), centre, end, 200, 1)
    verdict = vote_on_mask(mask, of_three(strand, strand, mask))
    assert (verdict.alpha[strand != mask] == 200).all() and verdict.disputed == 0


def test_doubt_around_what_the_mask_decides_is_dropped(mask):
    centre, free = background_corner(mask)
    radius = int(free * 0.5)
    seat = disc(disc(mask, centre, radius + 2, 90), centre, radius, 255)
    verdict = vote_on_mask(mask, of_three(seat, seat, mask))
    np.testing.assert_array_equal(verdict.alpha, mask)


def test_without_a_mask_the_median_counts_and_dispute_is_measured(mask):
    centre, free = background_corner(mask)
    seat = disc(mask, centre, int(free * 0.7), 255)
    verdict = vote_without_mask(of_three(seat, mask, mask))
    np.testing.assert_array_equal(verdict.alpha, mask)
    assert verdict.disputed == pytest.approx((seat != mask).mean(), rel=0.05)
    assert vote_without_mask(of_three(mask, mask, mask)).disputed == 0


def test_what_is_certain_is_added_and_nothing_taken(mask):
    centre, free = background_corner(mask)
    hair = disc(np.zeros_like(mask), centre, int(free * 0.7), 255)
    verdict = vote_without_mask(of_three(mask, mask, mask), certain=hair)
    assert (verdict.alpha >= mask).all()
    assert verdict.mended == pytest.approx((hair > 0).mean(), rel=0.05)


def test_only_what_holds_a_disc_is_thick():
    region = np.zeros((60, 60), bool)
    region[10:40, 10:40] = True
    region[50, :] = True
    thick = thick_parts(region, 5)
    assert thick[10:40, 10:40].all() and not thick[50, 45:].any()
    assert not thick_parts(region, 20).any()


def test_the_outline_of_all_or_nothing_is_nowhere():
    for value in (True, False):
        assert not near_outline(np.full((8, 8), value), 3).any()


def test_another_size_is_refused(mask):
    with pytest.raises(ValueError, match="one size"):
        vote_on_mask(mask[:-1], of_three(mask, mask, mask))
    with pytest.raises(ValueError, match="one size"):
        vote_without_mask(of_three(mask, mask, mask), certain=mask[:-1])


def test_what_is_mended_stays_so_beside_a_dispute(mask):
    y, x = (int(v) for v in np.argwhere(mask >= 128).mean(axis=0))
    torn = cv2.rectangle(mask.copy(), (x - 14, y - 10), (x - 1, y + 10), 0, cv2.FILLED)
    torn = cv2.rectangle(torn, (x + 1, y - 10), (x + 14, y + 10), 0, cv2.FILLED)
    unsure = cv2.rectangle(mask.copy(), (x + 1, y - 10), (x + 14, y + 10), 0, cv2.FILLED)
    verdict = vote_on_mask(torn, of_three(mask, mask, unsure))
    assert (verdict.alpha[y - 8 : y + 9, x - 13 : x] == 255).all()
    assert verdict.mended > 0 and verdict.disputed > 0
