"""What is refused before the work."""

import numpy as np
import pytest

from tests.unit.video.conftest import av
from tfmatting.video.checks import check_output
from tfmatting.video.reader import VideoReader


def test_files_without_transparency_and_unknown_names_are_refused(tmp_path):
    with pytest.raises(ValueError, match="no transparency"):
        check_output(tmp_path / "o.mp4", transparent=True)
    with pytest.raises(ValueError, match=r"\.webm"):
        check_output(tmp_path / "o.avi", transparent=False)


def test_what_is_no_video_is_refused(tmp_path):
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(ValueError, match="Received the text"):
        VideoReader(tmp_path / "text.mp4")
    (tmp_path / "noise.mp4").write_bytes(b"no video\0" * 20)
    with pytest.raises(ValueError, match="Not a video"):
        VideoReader(tmp_path / "noise.mp4")
    with pytest.raises(FileNotFoundError):
        VideoReader(tmp_path / "none.mp4")
    container = av.open(str(tmp_path / "sound.m4a"), "w")
    voice = container.add_stream("aac", rate=16000)
    tone = av.AudioFrame.from_ndarray(np.zeros((1, 1600), np.float32), "fltp", "mono")
    tone.sample_rate = 16000
    container.mux(voice.encode(tone))
    container.mux(voice.encode())
    container.close()
    with pytest.raises(ValueError, match="which has none"):
        VideoReader(tmp_path / "sound.m4a")


def test_the_input_is_not_overwritten(tmp_path, video):
    with pytest.raises(ValueError, match="overwritten"):
        check_output(
            video.parent / ".." / tmp_path.name / "in.mp4", transparent=False, source=video
        )
