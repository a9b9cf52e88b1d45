"""The live command, with a file for a camera and sinks that record."""

import sys
import types

import numpy as np
import pytest

from tests.unit.video.conftest import SIZE
from tfmatting.video import sinks
from tfmatting.video.camera import Camera


class Recorder:
    def __init__(self, *_):
        self.pictures, self.closed = [], False

    def show(self, picture, note):
        self.pictures.append(picture)
        return len(self.pictures) < 5

    def close(self):
        self.closed = True


def test_a_file_stands_in_for_a_camera(video):
    with Camera(str(video)) as camera:
        frames = list(camera.frames())
    assert camera.size == SIZE and len(frames) == 12
    assert frames[0].shape == (*SIZE, 3) and frames[0].dtype == np.uint8
    assert frames[0][10:20, 5:12, 0].mean() > frames[0][10:20, 5:12, 2].mean() + 100  # RGB


@pytest.mark.parametrize("source", ["77", "nothing.mp4"])
def test_a_missing_camera_is_one_clear_line(source, command):
    code, _, err = command("webcam", "--camera", source, "--no-preview")
    assert code == 2 and "No picture from" in err and source in err
    assert len(err.strip().splitlines()[-1]) < 300


def test_pictures_are_shown_until_the_user_has_had_enough(video, command, monkeypatch, tiny_tflite):
    window = Recorder()
    monkeypatch.setattr(sinks, "Window", lambda: window)
    words = ("webcam", "--camera", video, "--model", tiny_tflite)
    code, out, err = command(*words, "--background", "#00ff00")
    assert code == 0, err
    assert "5 frames" in out and window.closed
    assert window.pictures[0].shape == (*SIZE, 3)
    plain = Recorder()
    monkeypatch.setattr(sinks, "Window", lambda: plain)
    command(*words, "--background", "#00ff00", "--no-mirror")
    assert np.array_equal(plain.pictures[0], window.pictures[0][:, ::-1])


def test_a_number_of_frames_and_a_transparent_background(video, command, tiny_tflite):
    words = ("webcam", "--camera", video, "--model", tiny_tflite, "--no-preview")
    code, out, _ = command(*words, "--frames", 3)
    assert code == 0 and out.startswith("3 frames")
    code, _, err = command(*words, "--background", "transparent")
    assert code == 2 and "opaque" in err


def test_a_virtual_camera_gets_the_pictures_and_its_absence_names_the_extra(
    video, command, monkeypatch, tiny_tflite
):
    words = ("webcam", "--camera", video, "--model", tiny_tflite, "--no-preview", "--frames", 2)
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    code, _, err = command(*words, "--virtual-camera")
    assert code == 2 and "tfmatting[webcam]" in err
    sent = []

    class Device:
        def __init__(self, width, height, rate):
            assert (height, width) == SIZE and rate == 10
            self.send, self.close = sent.append, lambda: None

    monkeypatch.setitem(sys.modules, "pyvirtualcam", types.SimpleNamespace(Camera=Device))
    code, _, err = command(*words, "--virtual-camera")
    assert code == 0, err
    assert len(sent) == 2 and sent[0].flags.c_contiguous
