"""A stopped run goes on with the same inputs and sound segments alone."""

import itertools
import os

import cv2
import numpy as np
import pytest

from tests.unit.video.conftest import BrightPredictor, facts, write_video
from tfmatting.errors import InputError
from tfmatting.video.fingerprint import fingerprint
from tfmatting.video.matte import matte_video

FRAMES, LENGTH = 20, 5


def matte(source, target, **options):
    return matte_video(source, target, model=BrightPredictor(), background="white", **options)


@pytest.fixture
def stop(monkeypatch):
    """Run until some segments are finished."""
    monkeypatch.setattr("tfmatting.video.segments.SEGMENT_FRAMES", LENGTH)

    def stop(source, target, finished=3, **options):
        def stopped(frames, **_):
            yield from itertools.islice(frames, finished * LENGTH + 2)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            matte(source, target, progress=stopped, **options)
        return target.parent / f".{target.name}.segments"

    return stop


def write_pictures(folder, level):
    folder.mkdir(exist_ok=True)
    for number in range(FRAMES):
        picture = np.full((48, 64, 3), level + number, np.uint8)
        cv2.imwrite(str(folder / f"{number:04d}.png"), picture)
    return folder / "%04d.png"


def test_numbered_pictures_that_were_replaced_are_not_mixed_with_the_others(tmp_path, stop):
    pattern = write_pictures(tmp_path / "frames", 10)
    stop(pattern, tmp_path / "out.mp4")
    write_pictures(tmp_path / "frames", 200)
    for picture in (tmp_path / "frames").iterdir():
        os.utime(picture, (1, 1))
    with pytest.raises(InputError, match="Changed: video"):
        matte(pattern, tmp_path / "out.mp4", resume=True)


def test_numbered_pictures_that_are_the_same_go_on(tmp_path, stop):
    pattern = write_pictures(tmp_path / "frames", 10)
    stop(pattern, tmp_path / "out.mp4")
    assert matte(pattern, tmp_path / "out.mp4", resume=True).frames == FRAMES


def test_a_folder_is_known_by_its_files_if_it_is_a_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    variables = tmp_path / "model" / "variables"
    variables.mkdir(parents=True)
    (tmp_path / "model" / "saved_model.pb").write_bytes(b"graph")
    (variables / "data").write_bytes(b"1")
    before = fingerprint(tmp_path / "model")
    assert before == fingerprint(tmp_path / "model")
    (variables / "data").write_bytes(b"22")
    assert fingerprint(tmp_path / "model") != before
    (tmp_path / "blur").mkdir()  # the outputs' folder, not a background
    assert fingerprint("blur") == "blur"


@pytest.mark.parametrize("damage", ["junk", "cut", "gone", "times", "no times", "hole"])
def test_a_damaged_segment_is_made_again(tmp_path, stop, damage):
    source = write_video(tmp_path / "in.mp4", FRAMES)
    whole, target = tmp_path / "whole.mp4", tmp_path / "out.mp4"
    matte(source, whole)
    hidden = stop(source, target)
    first, second = hidden / "000000.mkv", hidden / "000001.mkv"
    assert second.is_file()
    if damage == "junk":
        first.write_bytes(b"junk")
    elif damage == "cut":
        second.write_bytes(second.read_bytes()[:-300])
    elif damage == "gone":
        first.unlink()
        first.with_suffix(".txt").unlink()
    elif damage == "times":
        first.with_suffix(".txt").write_text("[" * 100)
    elif damage == "no times":
        second.with_suffix(".txt").unlink()
    else:
        second.unlink()
    report = matte(source, target, resume=True)
    assert report.problems == [] and facts(target) == facts(whole)
    (note,) = report.notes
    damaged = second if damage in ("cut", "no times", "hole") else first
    assert note == f"{damaged} is damaged or missing: made again from there on"
    assert not hidden.exists()


def test_segments_after_a_damaged_one_do_not_come_back(tmp_path, stop):
    source, target = write_video(tmp_path / "in.mp4", FRAMES), tmp_path / "out.mp4"
    hidden = stop(source, target)
    (hidden / "000000.mkv").write_bytes(b"junk")
    stop(source, target, finished=1, resume=True)
    assert [path.name for path in hidden.glob("*.mkv")] == ["000000.mkv"]


def test_a_sound_run_goes_on_without_a_word(tmp_path, stop):
    source = write_video(tmp_path / "in.mp4", FRAMES)
    stop(source, tmp_path / "out.mp4")
    shown = []

    def counted(frames, initial=0, **_):
        shown.append(initial)
        return frames

    report = matte(source, tmp_path / "out.mp4", resume=True, progress=counted)
    assert shown == [3 * LENGTH] and report.frames == FRAMES and report.notes == []


def test_a_run_that_left_nothing_begins(tmp_path, video, command, tiny_tflite):
    report = matte(video, tmp_path / "out.mp4", resume=True)
    assert report.frames == 12
    assert report.notes == ["nothing was left to resume: made from the start"]
    words = ("video", video, "-o", tmp_path / "o.mp4", "--model", tiny_tflite, "--resume")
    code, out, err = command(*words)
    assert code == 0 and "12 frames written" in out and "nothing was left to resume" in err
