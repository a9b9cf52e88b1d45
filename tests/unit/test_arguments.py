"""Slips in calls from Python are the package's own errors, as docs/python.md says."""

import numpy as np
import pytest

import tfmatting


@pytest.mark.parametrize(
    ("name", "value"),
    [("epochs", 0), ("batch_size", "a"), ("batch_size", -1), ("seed", -1), ("seed", 2**32)],
)
def test_numbers_of_a_run_are_checked_before_it(name, value):
    with pytest.raises(tfmatting.TfmattingError, match=rf"`{name}` is a whole number from \d"):
        tfmatting.train("tnet", smoke=True, **{name: value})


@pytest.mark.parametrize("size", [192, (192.0, 192), (192,), "192,192"])
def test_a_size_is_two_whole_numbers(size):
    with pytest.raises(tfmatting.TfmattingError, match=r"\(height, width\) in whole pixels"):
        tfmatting.build("tnet", input_size=size)


def test_numbers_of_a_picture_are_numbers():
    image = np.zeros((8, 8, 3), np.uint8)
    with pytest.raises(tfmatting.TfmattingError, match="threshold lies between 0 and 1"):
        tfmatting.cutout(image, threshold="x")
    with pytest.raises(tfmatting.TfmattingError, match="strength is above 0"):
        tfmatting.replace_background(image, "blur", blur_strength="a")


def test_a_size_of_numpys_whole_numbers_is_one():
    side = np.int64(64)
    model = tfmatting.build("tnet", input_size=(side, side), width=0.25, stem_stride=2)
    assert model.matting_config.input_size == (64, 64)
    assert type(model.matting_config.input_size[0]) is int  # as a checkpoint's JSON holds it
