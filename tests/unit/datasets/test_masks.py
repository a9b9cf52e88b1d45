"""Masks on other scales than 0..255 are named, whatever the scale; soft mattes are not."""

import contextlib

import cv2
import numpy as np
import pytest
from PIL import Image

from tfmatting.datasets.masks import check_matte, check_trimap
from tfmatting.datasets.sample import FileSource
from tfmatting.datasets.sources import read_all
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.evaluation.evaluate import evaluate
from tfmatting.imaging.class_maps import read_class_map
from tfmatting.imaging.io import ImageError, read_alpha, write_image
from tfmatting.imaging.visualization import palette

SAMPLE = sample_listing(1, size=(96, 80)).sources[0].load()
PERSON = SAMPLE.alpha > 127
OUTLINE = (
    cv2.morphologyEx(PERSON.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8)) > 0
)


def numbered(person, ignored=None, dtype=np.uint8):
    mask = np.where(PERSON, person, 0)
    if ignored is not None:
        mask = np.where(OUTLINE, ignored, mask)
    return mask.astype(dtype)


SCALES = {
    "0 and 1": (numbered(1), ".png"),
    "0 and 2": (numbered(2), ".png"),
    "0 and 15": (numbered(15), ".png"),
    "0 and 100": (numbered(100), ".png"),
    "0 and 128": (numbered(128), ".png"),
    "0 and 15 and 255": (numbered(15, 255), ".png"),
    "0 and 1 and 255": (numbered(1, 255), ".png"),
    "0 and 1 as TIFF": (numbered(1), ".tif"),
    "16 bits, 0 and 1": (numbered(1, dtype=np.uint16), ".png"),
    "16 bits, 0 and 255": (numbered(255, dtype=np.uint16), ".png"),
    "16 bits, 0 and 1000": (numbered(1000, dtype=np.uint16), ".png"),
}


def folder_of(root, mask, suffix):
    (root / "alpha").mkdir(parents=True)
    write_image(root / "image" / "a.png", SAMPLE.image)
    assert cv2.imwrite(str(root / "alpha" / f"a{suffix}"), mask)
    return root


@pytest.mark.parametrize("name", SCALES)
def test_other_scales_are_named_with_the_files_own_values(tmp_path, name):
    mask, suffix = SCALES[name]
    root = folder_of(tmp_path, mask, suffix)
    values = " and ".join(str(value) for value in np.unique(mask))
    with pytest.raises(ImageError, match=f"values {values}.*--person"):
        FileSource("a", root / "image" / "a.png", root / "alpha" / f"a{suffix}").load()
    with pytest.raises(ValueError, match="could be judged"):
        evaluate("portrait_lite", root)


@pytest.mark.parametrize("high", [1, 2, 15, 100])
def test_and_so_they_are_as_jpeg(tmp_path, high):
    root = folder_of(tmp_path, numbered(high), ".jpg")
    with pytest.raises(ImageError, match="0 to 255|foreground and background"):
        FileSource("a", root / "image" / "a.png", root / "alpha" / "a.jpg").load()


def test_mattes_of_every_kind_pass():
    faint = SAMPLE.alpha.copy()
    faint[0, 0] = 3  # a stray value
    hard = numbered(255)
    stray = hard.copy()
    stray[0, :2] = 1
    steps = (SAMPLE.alpha // 64 * 85).astype(np.uint8)
    _, data = cv2.imencode(".jpg", hard, [cv2.IMWRITE_JPEG_QUALITY, 40])
    lossy = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    for matte in (SAMPLE.alpha, faint, hard, stray, steps, lossy, hard - (hard > 0) * 5):
        check_matte("a", matte.astype(np.uint8))
    with pytest.raises(ImageError, match="100 to 255"):
        check_matte("a", np.maximum(SAMPLE.alpha, 100))


def test_trimaps_on_other_scales_are_named():
    check_trimap("a", numbered(255, 128))
    with pytest.raises(ImageError, match="0 and 1 and 2"):
        check_trimap("a", numbered(2, 1))
    with pytest.raises(ImageError, match="0, 128 and 255"):
        check_trimap("a", SAMPLE.alpha // 2 + 60)


def test_class_maps_are_read_as_stored(tmp_path):
    numbers = numbered(15, 255)
    picture = Image.fromarray(numbers, "P")
    picture.putpalette(palette().ravel().tolist())
    picture.save(tmp_path / "palette.png")
    Image.fromarray(palette()[numbers]).save(tmp_path / "colours.png")
    Image.fromarray(numbers).save(tmp_path / "grey.png")
    Image.fromarray(np.dstack([numbers] * 3)).save(tmp_path / "three.png")
    Image.fromarray(numbers.astype(np.uint16)).save(tmp_path / "deep.png")
    for path in tmp_path.iterdir():
        assert np.array_equal(read_class_map(path), numbers), path
    Image.fromarray(numbers).save(tmp_path / "lossy.jpg")
    with pytest.raises(ImageError, match="which changes them"):
        read_class_map(tmp_path / "lossy.jpg")
    write_image(tmp_path / "photo.png", SAMPLE.image)
    with pytest.raises(ImageError, match="VOC"):
        read_class_map(tmp_path / "photo.png")


def test_the_person_of_class_numbers_is_judged_without_what_is_ignored(tmp_path):
    root = folder_of(tmp_path, numbered(7, 255), ".png")
    sample = read_all(str(root), person=7).sources[0].load()
    assert np.array_equal(sample.alpha == 255, PERSON & ~OUTLINE)
    assert sample.ignored is not None and np.array_equal(sample.ignored, OUTLINE)

    class Wrong:
        """Right but in the outline."""

        def alpha(self, image):
            return (PERSON ^ OUTLINE).astype(np.float32)

    assert evaluate(Wrong(), root, person=7).means["iou"] == 1
    with pytest.raises(ValueError, match="class 3"):
        evaluate(Wrong(), root, person=3)


@pytest.mark.parametrize(("person", "ignored"), [(7, 254), (7, 0), (255, 128)])
def test_another_number_than_255_can_state_no_class(tmp_path, person, ignored):
    numbers = np.full(PERSON.shape, 3, np.uint8)
    numbers[PERSON], numbers[OUTLINE] = person, ignored
    root = folder_of(tmp_path, numbers, ".png")
    words = {"ignored": ignored} if person == 255 else {"ignored": ignored, "person": person}
    sample = read_all(str(root), **words).sources[0].load()
    assert np.array_equal(sample.alpha == 255, PERSON & ~OUTLINE)
    assert sample.ignored is not None and np.array_equal(sample.ignored, OUTLINE)
    plain = {} if person == 255 else {"person": person}
    with contextlib.suppress(ImageError):  # 128 is a soft alpha then, or class numbers
        assert read_all(str(root), **plain).sources[0].load().ignored is None


def test_numbers_that_state_nothing_are_for_masks_of_numbers(tmp_path):
    root = folder_of(tmp_path, numbered(255), ".png")
    with pytest.raises(ValueError, match=r"0 to 255. Received: 300"):
        read_all(str(root), ignored=300)
    rgba = np.dstack([SAMPLE.image, SAMPLE.alpha])
    write_image(tmp_path / "cut/clip_img/1/clip_0/a.jpg", SAMPLE.image)
    write_image(tmp_path / "cut/matting/1/matting_0/a.png", rgba)
    with pytest.raises(ValueError, match="alpha channel"):
        read_all(str(tmp_path / "cut"), ignored=128)


def test_a_white_cut_out_is_read_by_its_transparency(tmp_path):
    matte = SAMPLE.alpha
    assert len(np.unique(matte)) > 10
    for colour in (255, 0, 90):
        plain = np.dstack([np.full((*matte.shape, 3), colour, np.uint8), matte])
        hidden = np.where(matte[..., None] == 0, 0, plain)  # as editors leave what is clear
        for name, picture in (("plain", plain), ("hidden", hidden)):
            hidden[..., 3] = matte
            Image.fromarray(picture).save(tmp_path / f"{name}.png")
            assert np.array_equal(read_alpha(tmp_path / f"{name}.png"), matte), (name, colour)
    Image.fromarray(np.dstack([np.full_like(matte, 255), matte])).save(tmp_path / "la.png")
    assert np.array_equal(read_alpha(tmp_path / "la.png"), matte)
    grey = np.dstack([matte, matte, matte, np.full_like(matte, 255)])
    Image.fromarray(grey).save(tmp_path / "grey.png")
    assert np.array_equal(read_alpha(tmp_path / "grey.png"), matte)
