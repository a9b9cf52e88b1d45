"""Panoramas and scrolls: people keep their proportions, and no seam is seen."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tfmatting
from tfmatting import metrics
from tfmatting.imaging.resize import cover, resize
from tfmatting.inference.extreme_shapes import (
    blend_stretches,
    find_stretches,
    is_extreme,
    pad_to_longest,
)
from tfmatting.inference.loading import OF_PHOTOS
from tfmatting.inference.predictor import Predictor


class Brightness:
    """Alpha is the red channel; it remembers the shapes it was squeezed from nothing of."""

    input_size, input_names = (32, 32), ("image",)

    def __init__(self, classes=0):
        self.classes, self.runs = classes, 0

    def run(self, inputs):
        self.runs += 1
        red = inputs["image"][..., :1].astype(np.float32) / 255
        outputs = {"alpha": red}
        if self.classes:
            numbers = np.where(red > 0.5, 2, 0)
            outputs["classes"] = (numbers == np.arange(self.classes)).astype(np.float32)
        return outputs


@pytest.mark.parametrize(
    ("shape", "extreme"),
    [((100, 200), False), ((200, 100), False), ((100, 201), True), ((1, 3), True), ((9, 9), False)],
)
def test_shapes_up_to_two_to_one_are_taken_whole(shape, extreme):
    assert is_extreme(np.zeros((*shape, 3), np.uint8)) is extreme


@pytest.mark.parametrize("shape", [(60, 400), (400, 60), (48, 97), (1, 500), (500, 3)])
def test_people_anywhere_along_the_photo_are_found(shape):
    network = Brightness()
    for place in (0.0, 0.33, 0.8):
        image = np.zeros((*shape, 3), np.uint8)
        long, short = max(shape), min(shape)
        start = min(round(place * long), long - short)
        part = slice(start, start + max(1, short // 2))
        image[(slice(None), part) if shape[1] > shape[0] else part] = 255
        alpha = Predictor(network, refine=False).alpha(image)
        assert alpha.shape == shape and alpha.dtype == np.float32
        truth = image[..., 0] / 255
        assert np.abs(alpha - truth).mean() < 0.1
        assert alpha.min() >= 0 and alpha.max() <= 1


def test_a_photo_without_people_stays_empty_and_costs_the_first_pass():
    network = Brightness(classes=3)
    prediction = Predictor(network).predict(np.zeros((50, 500, 3), np.uint8))
    assert not prediction.alpha.any() and not prediction.labels.any()
    assert prediction.labels.shape == (50, 500) and network.runs < 25


def test_classes_are_put_at_their_places():
    image = np.zeros((50, 500, 3), np.uint8)
    image[:, 100:140] = image[:, 400:430] = 255
    labels = Predictor(Brightness(classes=3)).labels(image)
    assert (labels[:, 105:135] == 2).all() and (labels[:, 405:425] == 2).all()
    assert not labels[:, 200:330].any()


@given(st.integers(2, 400), st.integers(2, 400))
@settings(max_examples=60)
def test_padding_reaches_two_to_one_and_gives_the_photo_back(height, width):
    image = np.random.default_rng(height).integers(0, 255, (height, width, 3)).astype(np.uint8)
    padded, inside = pad_to_longest(image)
    assert np.array_equal(padded[inside], image)
    short, length = min(padded.shape[:2]), max(padded.shape[:2])
    assert length <= 2 * short or short == 8 * min(height, width)
    if not is_extreme(image):
        assert padded.shape == image.shape


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(5, 40)), min_size=1, max_size=6))
def test_stretches_that_overlap_fade_without_a_seam(parts):
    stretches = [(start, min(100, start + length)) for start, length in parts]
    ramp = np.linspace(0, 1, 100, dtype=np.float32)
    truth = np.tile(ramp, (7, 1))
    mattes = [truth[:, slice(*part)] for part in stretches]
    blended = blend_stretches(stretches, mattes, (7, 100))
    inside = np.zeros(100, bool)
    for part in stretches:
        inside[slice(*part)] = True
    np.testing.assert_allclose(blended[:, inside], truth[:, inside], atol=1e-5)
    assert not blended[:, ~inside].any()


@given(st.integers(0, 900), st.integers(10, 300))
@settings(max_examples=40, deadline=None)
def test_a_stretch_holds_its_person_with_a_margin(start, length):
    image = np.zeros((100, 1000, 3), np.uint8)
    image[:, start : start + length] = 255
    stretches = find_stretches(image, lambda part: part[..., 0] / np.float32(255), 64)
    assert len(stretches) == 1
    first, last = stretches[0]
    assert first <= max(0, start - 5) and last >= min(1000, start + length + 5)
    assert 0 <= first < last <= 1000 and last - first >= 100


def panorama(photo, truth, shape, place):
    """The photo once in a strip of another picture, as high or as wide as the strip."""
    height, width = shape
    wide = width > height
    backdrop = cover(cv2.GaussianBlur(photo[:120, :120], (0, 0), 9), shape).copy()
    alpha = np.zeros(shape, np.float32)
    side = min(shape)
    small, matte = resize(photo, (side, side)), resize(truth, (side, side))
    start = round(place * (max(shape) - side))
    part = (slice(None), slice(start, start + side)) if wide else slice(start, start + side)
    weight = matte[..., None]
    backdrop[part] = backdrop[part] * (1 - weight) + small * weight
    alpha[part] = matte
    return backdrop, alpha


PANORAMAS = [(256, 1024), (256, 1536), (256, 2560), (1024, 256), (1536, 256)]


@pytest.mark.parametrize("shape", PANORAMAS)
def test_the_default_of_photos_finds_a_person_in_a_panorama(shape):
    data = pytest.importorskip("skimage.data", reason="the photo comes with scikit-image")
    predictor = tfmatting.load(OF_PHOTOS)
    photo = data.astronaut()
    whole = predictor.alpha(photo)
    for place in (0.1, 0.6):
        image, truth = panorama(photo, whole, shape, place)
        assert metrics.iou(predictor.alpha(image), truth) > 0.9


@pytest.mark.parametrize("shape", PANORAMAS)
def test_a_person_in_a_panorama_is_found(shape):
    data = pytest.importorskip("skimage.data", reason="the photo comes with scikit-image")
    predictor = tfmatting.load()
    photo = data.astronaut()
    whole = predictor.alpha(photo)
    gains, squeezed = [], []
    for place in (0.1, 0.6):
        image, truth = panorama(photo, whole, shape, place)
        found = metrics.iou(predictor.alpha(image), truth)
        assert found > 0.75  # a helmet may be lost
        small = cv2.resize(predictor.small_alpha(image), shape[::-1])
        squeezed.append(metrics.iou(small, truth))
        gains.append(found - squeezed[-1])
    assert min(squeezed) < 0.75 and max(gains) > 0.1  # what it mends


@pytest.mark.parametrize("size", [(1, 4000), (4000, 1), (3, 65_500)])
def test_a_line_of_pixels_costs_a_window_for_each_32_of_them(size):
    seen = []

    def network(part):
        seen.append(part.shape[:2])
        return np.ones(part.shape[:2], np.float32)

    find_stretches(np.zeros((*size, 3), np.uint8), network, 320)
    assert len(seen) <= max(size) / 32 + 2
    assert max(height * width for height, width in seen) <= 8 * size[0] * size[1]


def test_what_is_far_longer_than_a_person_is_squeezed():
    padded, inside = pad_to_longest(np.zeros((1000, 10, 3), np.uint8))
    assert padded.shape == (1000, 80, 3) and padded[inside].shape == (1000, 10, 3)


def test_ghosts_of_the_whole_photo_do_not_join_people():
    """Only the network's view of the whole, which is 2:1, sees a thin line between two people."""
    image = np.zeros((100, 600, 3), np.uint8)
    image[:, 50:100] = image[:, 500:550] = 255

    def network(part):
        alpha = part[..., 0] / np.float32(255)
        if part.shape[1] >= 2 * part.shape[0] * 0.9:
            alpha[len(alpha) // 2 - 10 : len(alpha) // 2 + 10] = 1
        return alpha

    assert len(find_stretches(image, network, 100)) == 2


def test_who_fills_the_photo_is_found_in_the_view_of_the_whole():
    def network(part):
        wide = part.shape[1] >= 2 * part.shape[0] * 0.9
        return np.full(part.shape[:2], float(wide), np.float32)

    assert find_stretches(np.zeros((100, 300, 3), np.uint8), network, 100) == [(0, 300)]
