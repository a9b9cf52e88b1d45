"""The browser's numbers are Python's."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from tests.web.library import evaluate, packed, picture, unpacked
from tfmatting.imaging.foreground import estimate_foreground
from tfmatting.inference import load
from tfmatting.inference.pretrained_table import PRETRAINED
from tfmatting.serving.page import PAGE

RUN_NETWORK = """
const matting = await Matting.load({ model: name });
const output = await matting.call("predict", { rgb: bytes(rgb) });
const { height, width } = matting.network;
matting.close();
return { output: text(output), height, width };
"""
RUN_NETWORK_TWICE = """
const matting = await Matting.load({ model: name });
const first = await matting.call("predict", { rgb: bytes(rgb) });
const second = await matting.call("predict", { rgb: bytes(rgb), prior: first });
matting.close();
return { first: text(first), second: text(second) };
"""
RUN_PHOTO = """
const matting = await Matting.load({ model: name });
const photo = await matting.open(picture(image));
const alpha = await photo.alpha();
const cut = await photo.pixels();
matting.close();
return { alpha: text(alpha.data), cut: text(cut.data) };
"""


@pytest.mark.parametrize("name", ["portrait_int8", "portrait_lite"])
def test_8_bit_outputs_are_equal_to_the_bit(opened, astronaut, name):
    predictor = load(name)
    size = predictor.input_size
    rgb = cv2.resize(astronaut, size[::-1], interpolation=cv2.INTER_AREA)
    result = evaluate(opened, RUN_NETWORK, name=name, rgb=packed(rgb))
    received = unpacked(result["output"], np.uint8, size)
    runner = predictor.runtime._runner
    expected = runner(image=rgb[None])["alpha"][0, ..., 0]
    np.testing.assert_array_equal(received, expected)
    assert 0.2 < (expected > 128).mean() < 0.8


def test_float_output_is_close(opened, astronaut):
    predictor = load("portrait")
    rgb = cv2.resize(astronaut, (320, 320), interpolation=cv2.INTER_AREA)
    result = evaluate(opened, RUN_NETWORK, name="portrait", rgb=packed(rgb))
    received = unpacked(result["output"], np.float32, (320, 320))
    expected = predictor.runtime.run({"image": rgb[None]})["alpha"][0, ..., 0]
    np.testing.assert_allclose(received, expected, atol=2e-3)


def test_the_network_of_films_takes_the_matte_before(opened, astronaut):
    predictor = load("portrait_video")
    size = predictor.input_size
    rgb = cv2.resize(astronaut, size[::-1], interpolation=cv2.INTER_AREA)
    result = evaluate(opened, RUN_NETWORK_TWICE, name="portrait_video", rgb=packed(rgb))
    prior = np.zeros((1, *size, 1), np.float32)
    for turn in ("first", "second"):
        expected = predictor.runtime.run({"image": rgb[None], "prior_alpha": prior})["alpha"]
        received = unpacked(result[turn], np.float32, size)
        # numbers between layers are rounded to 8 bits, and a rounding may tip
        assert np.abs(received - expected[0, ..., 0]).mean() < 1e-3
        prior = expected
    assert result["first"] != result["second"]


@pytest.mark.parametrize(
    ("height", "width"),
    [(512, 512), (640, 640), (960, 641), (250, 400), (180, 150), (320, 320)],
    ids=lambda side: str(side),
)
def test_photos_are_as_in_python(opened, astronaut, height, width):
    image = cv2.resize(astronaut, (width, height), interpolation=cv2.INTER_CUBIC)
    predictor = load("portrait_int8")
    alpha = predictor.alpha(image)
    foreground = estimate_foreground(image, alpha)
    result = evaluate(opened, RUN_PHOTO, name="portrait_int8", image=picture(image))
    received = unpacked(result["alpha"], np.float32, (height, width))
    np.testing.assert_allclose(received, alpha, atol=2e-5)
    cut = unpacked(result["cut"], np.uint8, (height, width, 4)).astype(int)
    seen = cut[..., 3] > 0
    difference = np.abs(cut[..., :3] - foreground)[seen]
    assert difference.max() <= 1
    assert (difference > 0).mean() < 1e-3
    assert not cut[~seen].any()


@pytest.mark.parametrize(
    ("height", "width", "wide"),
    [
        (512, 900, "alone"),
        (400, 1600, "alone"),
        (1300, 420, "alone"),
        (384, 1500, "twice"),
        (256, 110, "alone"),
    ],
    ids=lambda value: str(value),
)
def test_long_photos_are_matted_in_parts_as_in_python(opened, astronaut, height, width, wide):
    image = np.full((height, width, 3), (90, 120, 140), np.uint8)
    side = min(height, width)
    person = cv2.resize(astronaut, (side, side), interpolation=cv2.INTER_AREA)
    image[-side:, -side:] = person
    if wide == "twice":
        image[:side, :side] = person[:, ::-1]
    alpha = load("portrait_int8").alpha(image)
    result = evaluate(opened, RUN_PHOTO, name="portrait_int8", image=picture(image))
    received = unpacked(result["alpha"], np.float32, (height, width))
    np.testing.assert_allclose(received, alpha, atol=2e-5)
    assert (received > 0.5).mean() > 0.1


def test_a_long_photo_without_people_has_an_empty_matte(opened):
    image = np.full((300, 1500, 3), (90, 120, 140), np.uint8)
    result = evaluate(opened, RUN_PHOTO, name="portrait_int8", image=picture(image))
    assert not unpacked(result["alpha"], np.float32, (300, 1500)).any()


def test_the_page_knows_the_widest_photos_of_its_models():
    if not (PAGE / "models.json").is_file():
        pytest.skip("the page is not built")
    models = json.loads((PAGE / "models.json").read_text())
    names = ("portrait_lite", "portrait_int8", "portrait", "portrait_video")
    assert {m["name"]: m["widest"] for m in models} == {n: PRETRAINED[n].widest for n in names}
