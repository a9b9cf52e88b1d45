import numpy as np
import pytest

from tests.unit.video.conftest import write_video
from tfmatting.video.moving_background import MovingBackground
from tfmatting.video.reader import VideoReader


@pytest.fixture
def pictures(video):
    with VideoReader(video) as reader:
        return [frame.pixels for frame in reader.frames()]


def test_it_shows_the_frame_of_the_time_and_begins_anew(video, pictures):
    scene = MovingBackground(video)
    for time, index in ((0.0, 0), (0.05, 0), (0.1, 1), (0.55, 5), (1.15, 11), (1.21, 0), (2.45, 0)):
        np.testing.assert_array_equal(scene.at(time), pictures[index], err_msg=str(time))
    scene.close()


def test_a_single_frame_stands(tmp_path):
    scene = MovingBackground(write_video(tmp_path / "one.mp4", frames=1, sound=False))
    first = scene.at(0.0)
    assert np.array_equal(scene.at(7.3), first)
    scene.close()


def test_what_is_no_video_is_refused(tmp_path):
    path = tmp_path / "x.mp4"
    path.write_bytes(b"nothing")
    with pytest.raises(ValueError, match="Not a video"):
        MovingBackground(path)


def test_the_command_puts_a_video_behind_a_video(tmp_path, video, command, tiny_tflite):
    behind = write_video(tmp_path / "behind.mp4", frames=5, sound=False)
    out = tmp_path / "out.mp4"
    words = ("video", video, "-o", out, "--model", tiny_tflite, "--background", behind)
    code, _, err = command(*words)
    assert code == 0, err
    with VideoReader(out) as reader:
        assert len(list(reader.frames())) == 12
