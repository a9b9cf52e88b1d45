"""Steps that run at the same time, and smoothing between them."""

import threading

import numpy as np
import pytest

from tests.unit.video.conftest import BrightPredictor
from tfmatting.inference.smoothing import OneFrameDelay, Recurrent
from tfmatting.video.pipeline import THREAD_NAME, matted
from tfmatting.video.reader import VideoReader


def through(smoother, values):
    alphas = [np.full((2, 2), value, np.float32) for value in values]
    out = [alpha for value in alphas for alpha in smoother.push(value)]
    return [float(alpha[0, 0]) for alpha in (*out, *smoother.flush())]


def steps():
    return [thread for thread in threading.enumerate() if thread.name == THREAD_NAME]


def test_a_failure_in_any_step_ends_all_of_them(video):
    seen = []

    class Broken(BrightPredictor):
        def alpha(self, frame):
            seen.extend(steps())
            raise RuntimeError("no more")

    with VideoReader(video) as reader, pytest.raises(RuntimeError, match="no more"):
        list(matted(reader, Broken(), lambda frame, alpha, _: frame))
    assert seen and not any(thread.is_alive() for thread in seen)
    assert not steps()


def test_smoothing_keeps_every_frame(video):
    for smoother in (None, OneFrameDelay(), Recurrent()):
        with VideoReader(video) as reader:
            frames = matted(reader, BrightPredictor(), lambda frame, alpha, _: frame, smoother)
            times = [picture.pts for picture in frames]
        assert len(times) == 12 and times == sorted(times)


def test_one_frame_delay_mends_a_flicker_and_leaves_motion():
    mended = through(OneFrameDelay(), [0.9, 0.2, 0.95, 0.95])
    np.testing.assert_allclose(mended, [0.9, 0.925, 0.95, 0.95], atol=1e-6)
    moving = [0.0, 0.3, 0.6, 0.9, 1.0]
    np.testing.assert_allclose(through(OneFrameDelay(), moving), moving, atol=1e-6)


def test_the_running_mean_damps_small_changes_and_follows_large_ones():
    small = through(Recurrent(), [0.5, 0.52, 0.5, 0.52])
    assert np.ptp(small) < 0.012
    assert through(Recurrent(), [0.0, 1.0])[1] == 1.0
