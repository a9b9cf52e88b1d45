"""The live command, with a file for a camera and sinks that record."""

import re
import sys
import time
import types

import numpy as np
import pytest

from tests.unit.video.conftest import SIZE, BrightPredictor
from tfmatting.imaging.background import Picture
from tfmatting.video import sinks
from tfmatting.video.camera import Camera
from tfmatting.video.live import show_camera


class Recorder:
    def __init__(self, *_):
        self.pictures, self.notes, self.closed, self.size = [], [], False, None

    def sized(self, size):
        self.size = size
        return self

    def show(self, picture, note):
        self.pictures.append(picture)
        self.notes.append(note)
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


class FakeCapture:
    """A camera of OpenCV: a bright square that moves right in each 120 x 200 frame."""

    def __init__(self, *_):
        self.frame = 0

    def set(self, *_):
        pass

    def get(self, _):
        return 25.0

    def release(self):
        pass

    def read(self):
        if self.frame == 6:
            return False, None
        picture = np.full((120, 200, 3), 40, np.uint8)
        picture[40:80, 60 + 8 * self.frame : 90 + 8 * self.frame] = 250
        self.frame += 1
        return True, picture


class BrightModel(BrightPredictor):
    input_size = (64, 64)


@pytest.fixture
def camera(monkeypatch):
    """Give each sink's pictures and notes of a run with a fake camera."""

    def run(virtual=False, **options):
        window, device = Recorder(), Recorder()
        monkeypatch.setattr("tfmatting.video.camera.cv2.VideoCapture", FakeCapture)
        monkeypatch.setattr(sinks, "Window", lambda: window)
        monkeypatch.setattr(sinks, "VirtualCamera", lambda size, rate: device.sized(size))
        report = show_camera(model=BrightModel(), virtual_camera=virtual, **options)
        return report, window, device

    return run


def half_and_half():
    """A background whose left is red and whose right is blue."""
    picture = np.full((120, 200, 3), (200, 0, 0), np.uint8)
    picture[:, 100:] = (0, 0, 200)
    return Picture(picture)


def square_of(picture):
    """The column of the middle of the bright square."""
    return np.flatnonzero(picture[60].min(axis=1) > 200).mean()


def test_the_person_is_mirrored_and_the_background_is_not(camera):
    _, window, device = camera(virtual=True, background=half_and_half())
    mirrored, others = window.pictures[0], device.pictures[0]
    for picture in (mirrored, others):
        assert tuple(picture[5, 5]) == (200, 0, 0) and tuple(picture[5, 195]) == (0, 0, 200)
    assert square_of(others) == pytest.approx(74.5)  # as the camera sees it
    assert square_of(mirrored) == pytest.approx(199 - 74.5)
    _, window, _ = camera(background=half_and_half(), mirror=False)
    assert np.array_equal(window.pictures[0], others)


def test_the_middle_of_the_picture_has_the_shape_of_the_network(camera):
    _, window, device = camera(virtual=True, background="#00ff00", crop=True, side_by_side=True)
    assert window.pictures[0].shape == (120, 240, 3) and device.size == (120, 240)
    left, right = np.split(device.pictures[0], 2, axis=1)
    assert square_of(left) == square_of(right) == pytest.approx(34.5)  # 40 columns are cut off
    assert tuple(left[5, 5]) == (40, 40, 40) and tuple(right[5, 5]) == (0, 255, 0)


def test_smoothing_waits_a_frame_and_loses_none(camera):
    report, window, _ = camera(background="#00ff00", smooth="ofd", mirror=False)
    assert report.frames == 6
    window_alone = window.pictures
    assert [square_of(picture) for picture in window_alone] == [74.5 + 8 * i for i in range(5)]
    with pytest.raises(ValueError, match="ofd"):
        camera(background="#00ff00", smooth="no")


def test_the_milliseconds_are_on_the_screen_and_in_the_report(camera, monkeypatch):
    def slow(model, frame):
        time.sleep(0.02)
        return BrightPredictor.alpha(model, frame)

    monkeypatch.setattr(BrightModel, "alpha", slow)
    report, window, _ = camera(background="blur")
    assert report.frame_milliseconds > report.inference_milliseconds >= 20
    assert re.fullmatch(r"\d+ frames/s, inference \d+ ms, frame \d+ ms", window.notes[-1])


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
