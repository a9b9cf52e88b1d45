"""The switch between a whole network and a small one for easy scenes."""

from __future__ import annotations

import numpy as np
import pytest

from tfmatting.errors import InputError
from tfmatting.inference.easy_scenes import EasyScene, SwitchingPredictor, largest_motion
from tfmatting.inference.predictor import Predictor

SIZE = (64, 96)


class Brightness:
    """A network whose alpha is the red channel plus an offset; it counts its runs."""

    input_size = SIZE
    input_names = ("image", "prior_alpha")

    def __init__(self, offset: float = 0.0, letterbox: bool = False):
        self.offset, self.letterbox, self.runs = offset, letterbox, 0
        self.prior = np.zeros(0)

    def run(self, inputs):
        self.runs += 1
        self.prior = inputs["prior_alpha"][0, ..., 0]
        return {"alpha": inputs["image"][..., :1].astype(np.float32) / 255 + self.offset}


def switch(offset=0.01, **easy):
    whole, small = Brightness(), Brightness(offset)
    return whole, small, SwitchingPredictor(Predictor(whole), Predictor(small), EasyScene(**easy))


def frame(level=100, hand=None) -> np.ndarray:
    picture = np.full((*SIZE, 3), level, np.uint8)
    if hand is not None:
        picture[:32, :32] = hand
    return picture


def test_a_still_scene_is_left_to_the_small_network():
    whole, small, predictor = switch()
    stream = predictor.stream()
    alphas = [stream.alpha(frame()) for _ in range(10)]
    assert (whole.runs, small.runs) == (1, 10)  # both see the first frame
    assert (stream.frames, stream.easy_frames) == (10, 9)
    assert alphas[0].mean() == pytest.approx(100 / 255, abs=5e-3)
    assert alphas[1].mean() == pytest.approx(100 / 255 + 0.01, abs=5e-3)
    np.testing.assert_allclose(small.prior, 100 / 255 + 0.01, atol=1e-6)  # its own last alpha


def test_motion_brings_the_whole_network_back_though_it_is_in_one_corner():
    whole, _, predictor = switch(motion=12.0)
    stream = predictor.stream()
    for hand in (None, None, 180, 180, 180):
        stream.alpha(frame(hand=hand))
    assert (whole.runs, stream.easy_frames) == (2, 3)


def test_slow_drift_is_measured_from_the_first_frame_of_the_scene():
    whole, _, predictor = switch(motion=12.0)
    stream = predictor.stream()
    for level in range(100, 140, 4):  # 4 levels a frame: the fourth is 16 away from the first
        stream.alpha(frame(level))
    assert whole.runs == 3


def test_a_scene_in_which_the_networks_differ_is_hard_until_it_is_looked_at_again():
    whole, small, predictor = switch(offset=0.1, frames=5)
    stream = predictor.stream()
    for _ in range(11):
        stream.alpha(frame())
    assert (whole.runs, small.runs, stream.easy_frames) == (11, 3, 0)


def test_an_easy_scene_is_looked_at_again_after_a_while():
    whole, _, predictor = switch(frames=5)
    stream = predictor.stream()
    for _ in range(11):
        stream.alpha(frame())
    assert whole.runs == 3


def test_photos_see_the_whole_network():
    whole, small, predictor = switch()
    predictor.alpha(frame())
    assert (whole.runs, small.runs) == (1, 0)


def test_networks_of_other_forms_and_values_out_of_range_are_refused():
    with pytest.raises(InputError, match="64x96, bars: False and 64x96, bars: True"):
        SwitchingPredictor(Predictor(Brightness()), Predictor(Brightness(letterbox=True)))
    for wrong in ({"motion": -1.0}, {"disagreement": 2.0}, {"frames": 0}):
        with pytest.raises(InputError, match="An easy scene has motion from 0"):
            EasyScene(**wrong)


def test_motion_is_that_of_the_block_that_differs_most():
    before = np.zeros((*SIZE, 3), np.uint8)
    after = before.copy()
    after[32:, 64:] = 30
    assert largest_motion(before, after) == pytest.approx(30)
    noise = np.random.default_rng(0).integers(0, 9, before.shape).astype(np.uint8)
    assert largest_motion(before, noise) < 5  # the mean, 4, whatever single pixels do
