import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.video.conftest import RATE, write_video
from tfmatting.imaging.background import parse_background
from tfmatting.imaging.io import write_image
from tfmatting.video.background import VideoBackground, open_background
from tfmatting.video.reader import VideoReader

FRAMES = 12
CLEAR = np.zeros((48, 64), np.float32)


def shown(background, seconds):
    """The picture behind a person who is nowhere."""
    frame = np.zeros((48, 64, 3), np.uint8)
    return background.at(seconds).compose(frame, CLEAR)


@pytest.fixture
def pictures(video):
    with VideoReader(video) as reader:
        return [frame.pixels for frame in reader.frames()]


def test_it_shows_the_frame_of_the_time_and_begins_anew(video, pictures):
    scene = VideoBackground(video)
    for time, index in ((0.0, 0), (0.05, 0), (0.1, 1), (0.55, 5), (1.15, 11), (1.21, 0), (2.45, 0)):
        np.testing.assert_array_equal(shown(scene, time), pictures[index], err_msg=str(time))
    scene.close()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=12).map(sorted))
def test_any_time_shows_the_frame_of_that_place_in_the_loop(video, pictures, tenths):
    """Times in the middle of a frame, so that rounding plays no part."""
    scene = VideoBackground(video)
    for tenth in tenths:
        index = math.floor(tenth / 10 * RATE) % FRAMES
        np.testing.assert_array_equal(shown(scene, tenth / 10 + 0.05), pictures[index])
    scene.close()


def test_a_single_frame_stands(tmp_path):
    scene = VideoBackground(write_video(tmp_path / "one.mp4", frames=1, sound=False))
    first = shown(scene, 0.0)
    assert np.array_equal(shown(scene, 7.3), first) and first.any()
    scene.close()


def test_a_truncated_background_is_reported_once(tmp_path):
    source = write_video(tmp_path / "in.mkv", 60, sound=False)
    data = source.read_bytes()
    (tmp_path / "cut.mkv").write_bytes(data[: len(data) * 2 // 3])
    scene = VideoBackground(tmp_path / "cut.mkv")
    scene.at(30.0)
    (problem,) = scene.problems
    assert problem.startswith("background: the video ends at")
    scene.close()


def test_what_is_no_video_is_refused(tmp_path):
    path = tmp_path / "x.mp4"
    path.write_bytes(b"nothing")
    with pytest.raises(ValueError, match="A video is needed"):
        open_background(path)
    with pytest.raises(ValueError, match="a video or a picture"):
        open_background("nowhere.mp4")


def test_still_backgrounds_are_the_same_at_all_times(tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (48, 64, 3)).astype(np.uint8)
    write_image(tmp_path / "a.png", picture)
    for given_as in (tmp_path / "a.png", picture, parse_background(str(tmp_path / "a.png"))):
        scene = open_background(given_as)
        assert scene.opaque and scene.problems == []
        assert np.array_equal(shown(scene, 3.0), picture)
    assert not open_background("transparent").opaque


def test_the_command_puts_a_video_behind_a_video(tmp_path, video, command, tiny_tflite):
    behind = write_video(tmp_path / "behind.mp4", frames=5, sound=False)
    out = tmp_path / "out.mp4"
    words = ("video", video, "-o", out, "--model", tiny_tflite, "--background", behind)
    code, _, err = command(*words)
    assert code == 0, err
    with VideoReader(out) as reader:
        assert len(list(reader.frames())) == 12
