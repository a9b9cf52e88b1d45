import numpy as np
import pytest

from tests.unit.video.conftest import SIZE, write_video
from tfmatting.imaging.io import write_image
from tfmatting.video.frames import read_frames


def test_frames_are_spread_evenly(tmp_path):
    for number in range(7):
        write_image(tmp_path / f"{number}.png", np.full((4, 4, 3), 10 * number, np.uint8))
    assert [frame[0, 0, 0] for frame in read_frames(tmp_path, most=3)] == [0, 30, 60]
    assert len(read_frames(tmp_path)) == 7


def test_a_video_is_read_as_well(tmp_path):
    frames = read_frames(write_video(tmp_path / "in.mp4", 12), most=6)
    assert [frame.shape for frame in frames] == [(*SIZE, 3)] * 6


def test_nothing_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="No pictures"):
        read_frames(tmp_path)
    with pytest.raises(FileNotFoundError, match="No video"):
        read_frames(tmp_path / "none.mp4")
