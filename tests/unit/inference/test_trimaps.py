"""Trimaps of T-Net and of LFM, at the photo's size."""

import numpy as np
import pytest

from tfmatting.imaging.background import OriginalBlur, parse_background
from tfmatting.imaging.io import read_image, write_image
from tfmatting.inference import load
from tfmatting.inference.trimaps import trimap_of

PHOTO = np.random.default_rng(0).integers(0, 256, (50, 70, 3)).astype(np.uint8)


def test_the_likeliest_class_becomes_0_128_and_255():
    classes = np.zeros((8, 8), int)
    classes[:, 3:5], classes[:, 5:] = 1, 2
    trimap = trimap_of({"trimap": np.eye(3)[classes][None]}, (32, 32))
    assert trimap.shape == (32, 32) and trimap.dtype == np.uint8
    assert trimap[16, [2, 16, 30]].tolist() == [0, 128, 255]


def test_lfms_two_classifiers_imply_one():
    person = np.zeros((1, 64, 64, 1), np.float32)
    person[:, :, 32:] = 1
    trimap = trimap_of({"foreground": person, "background": 1 - person}, (128, 128))
    assert trimap[64, [2, 64, 126]].tolist() == [0, 128, 255]


def test_other_networks_are_refused():
    with pytest.raises(ValueError, match="T-Net or LFM"):
        trimap_of({"alpha": np.zeros((1, 8, 8, 1))}, (8, 8))


def test_matte_writes_the_trimap(tmp_path, command, tiny_checkpoint):
    write_image(tmp_path / "a.png", PHOTO)
    words = ("matte", tmp_path / "a.png", "-o", tmp_path / "t.png", "--trimap")
    code, _, _ = command(*words, "--model", tiny_checkpoint)
    written = read_image(tmp_path / "t.png")[..., 0]
    assert code == 0 and set(np.unique(written)) <= {0, 128, 255}
    assert np.array_equal(written, load(tiny_checkpoint).trimap(PHOTO))
    code, _, error = command(*words)
    assert code == 2 and "--model" in error


def test_the_originals_blur_is_opencvs_seven_times():
    import cv2

    expected = PHOTO
    for _ in range(7):
        expected = cv2.GaussianBlur(expected, (3, 3), 3)
    background = parse_background("blur-original")
    assert isinstance(background, OriginalBlur)
    nobody, everybody = (np.full((50, 70), value, np.float32) for value in (0, 1))
    assert np.array_equal(background.compose(PHOTO, nobody), expected)
    assert np.array_equal(background.compose(PHOTO, everybody), PHOTO)
    half = PHOTO / 2 + expected / 2
    assert np.abs(background.compose(PHOTO, nobody + 0.5) - half).max() <= 0.5
