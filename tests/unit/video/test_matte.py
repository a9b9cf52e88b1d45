"""From a video file to a video file."""

import itertools
import subprocess
import sys

import numpy as np
import pytest

from tests.processes import unmeasured
from tests.unit.video.conftest import SIZE, BrightPredictor, av, facts, write_video
from tfmatting.errors import TfmattingError
from tfmatting.video import segments as segments_module
from tfmatting.video.fingerprint import fingerprint
from tfmatting.video.matte import matte_video
from tfmatting.video.reader import VideoReader

LIMITED = """
import resource, sys
from tfmatting.cli.main import main
resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))
sys.exit(main(["video", sys.argv[1], "-o", sys.argv[2]]))
"""


def run(source, target, background="#0000ff", *, resume=False, stop_after=None):
    """Matte with the bright pixels as the person; return the problems."""

    def stopped(frames, **_):
        yield from itertools.islice(frames, stop_after)
        raise KeyboardInterrupt

    report = matte_video(
        source,
        target,
        model=BrightPredictor(),
        background=background,
        resume=resume,
        progress=stopped if stop_after else None,
    )
    assert report.output == target and report.frames == len(facts(target)["times"])
    return report.problems


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_times_size_and_sound_are_kept(video, tmp_path, suffix):
    target = tmp_path / f"out{suffix}"
    assert run(video, target) == []
    before, after = facts(video), facts(target)
    # .mkv has no times below 0, so pictures wait for what leads the sound in
    lead = after["times"][0] - before["times"][0]
    assert lead == pytest.approx(0, abs=2e-3) or suffix == ".mkv"
    np.testing.assert_allclose(np.array(after["times"]) - lead, before["times"], atol=1.5e-3)
    assert after["size"] == before["size"] and after["sound"] == before["sound"]


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_video_is_matted_upright_and_stays_turned(tmp_path, rotation):
    source = write_video(tmp_path / "in.mp4", rotation=rotation)
    with VideoReader(source) as reader:
        frame = next(reader.frames())
        assert frame.pixels.shape[:2] == reader.facts.upright_size
    run(source, tmp_path / "out.mp4")
    before, after = facts(source), facts(tmp_path / "out.mp4")
    assert after["rotation"] % 360 == before["rotation"] % 360 != 0
    assert after["size"] == before["size"] == SIZE
    with av.open(str(tmp_path / "out.mp4")) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert picture[16, 10, 0] > 180 and picture[40, 50, 2] > 180  # the square, and blue


def test_uneven_times_are_kept(tmp_path):
    times = [0, 40, 140, 150, 400, 900]
    source = write_video(tmp_path / "in.mp4", 6, times=times, sound=False)
    run(source, tmp_path / "out.mp4")
    np.testing.assert_allclose(
        facts(tmp_path / "out.mp4")["times"], np.array(times) / 1000, atol=1.5e-3
    )


@pytest.mark.parametrize("suffix", [".webm", ".mov"])
def test_transparent_video_keeps_its_alpha(video, tmp_path, suffix):
    target = tmp_path / f"out{suffix}"
    run(video, target, "transparent")
    with av.open(str(target)) as container:
        stream = container.streams.video[0]
        if suffix == ".webm":  # FFmpeg's own VP9 decoder drops the alpha
            decoder = av.CodecContext.create("libvpx-vp9", "r")
            packet = next(container.demux(stream))
            frame = decoder.decode(packet)[0]
            sounds = [sound.codec_context.name for sound in container.streams.audio]
            assert sounds == ["libopus"] or sounds == ["opus"]
        else:
            frame = next(container.decode(stream))
        alpha = frame.reformat(format="rgba").to_ndarray()[..., 3]
    assert alpha[16, 10] > 240 and alpha[40, 50] < 15


def test_a_truncated_video_gives_what_is_readable_and_says_so(tmp_path):
    source = write_video(tmp_path / "in.mkv", 60, sound=False)
    data = source.read_bytes()
    (tmp_path / "cut.mkv").write_bytes(data[: len(data) * 2 // 3])
    (problem,) = run(tmp_path / "cut.mkv", tmp_path / "out.mp4")
    times = facts(tmp_path / "out.mp4")["times"]
    assert 10 < len(times) < 60
    assert problem == f"the video ends at {times[-1]:.1f} of 6.0 seconds"


@pytest.mark.parametrize(
    ("name", "options"),
    [("in.avi", {}), ("in.flv", {}), ("in.mp4", {"movflags": "frag_keyframe+empty_moov"})],
    ids=["AVI", "FLV", "fragmented MP4"],
)
def test_a_film_that_breaks_off_within_a_picture_says_so(tmp_path, name, options):
    """What such a file states of its length is that of the rest, or nothing."""
    source = write_video(
        tmp_path / name, 20, sound=False, units=10, noise=True, container_options=options
    )
    assert run(source, tmp_path / "whole.mp4") == []
    data = source.read_bytes()
    (tmp_path / f"cut_{name}").write_bytes(data[: len(data) * 2 // 3])
    problems = run(tmp_path / f"cut_{name}", tmp_path / "out.mp4")
    assert 5 < len(facts(tmp_path / "out.mp4")["times"]) < 20
    assert "the file ends within a picture, at " in problems[-1]


def test_frames_of_another_size_are_brought_to_the_first_ones(tmp_path):
    wide = write_video(tmp_path / "a.ts", 4, sound=False)
    narrow = write_video(tmp_path / "b.ts", 4, sound=False, size=(64, 48), start=9)
    both = tmp_path / "both.ts"
    both.write_bytes(wide.read_bytes() + narrow.read_bytes())
    (problem,) = run(both, tmp_path / "out.mp4")
    assert "changes to 64x48" in problem
    after = facts(tmp_path / "out.mp4")
    assert after["size"] == SIZE and len(after["times"]) == 8


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
def test_a_stopped_run_goes_on_where_it_stopped(tmp_path, monkeypatch, suffix):
    monkeypatch.setattr(segments_module, "SEGMENT_FRAMES", 10)
    source = write_video(tmp_path / "in.mp4", 36)
    whole, target = tmp_path / f"whole{suffix}", tmp_path / f"out{suffix}"
    run(source, whole)
    with pytest.raises(KeyboardInterrupt) as stop:
        run(source, target, stop_after=25)
    assert not target.exists()
    (note,) = stop.value.__notes__
    assert note.startswith("20 finished frames are kept in") and "--resume" in note
    with pytest.raises(FileExistsError, match="--resume") as refusal:
        run(source, target)
    assert isinstance(refusal.value, TfmattingError)
    with pytest.raises(ValueError, match="Changed: background"):
        run(source, target, "#00ff00", resume=True)
    run(source, target, resume=True)
    assert facts(target) == facts(whole)
    assert not list(tmp_path.glob(".*"))


def test_a_full_disk_is_one_line_and_what_is_done_is_kept(tmp_path):
    """A limit on the size of files stands in for the disk."""
    source = write_video(tmp_path / "in.mp4", 40, noise=True)
    words = [sys.executable, "-c", LIMITED, str(source), str(tmp_path / "out.mp4")]
    # a measurement of coverage could not write its file either
    result = subprocess.run(words, env=unmeasured(), capture_output=True, text=True, check=False)
    assert result.returncode == 2, result.stderr
    assert "Traceback" not in result.stderr and "File too large" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4"]


def test_the_command(tmp_path, video, command, tiny_tflite):
    out = tmp_path / "side.mp4"
    code, text, err = command(
        "video", video, "-o", out, "--model", tiny_tflite, "--side-by-side", "--smooth", "ofd"
    )
    assert code == 0, err
    assert "12 frames" in text and facts(out)["size"] == (SIZE[0], 2 * SIZE[1])
    code, _, err = command("video", video, "-o", tmp_path / "o.mp4", "--background", "transparent")
    assert code == 2 and "no transparency" in err
    code, _, err = command("video", video, "-o", video)
    assert code == 2 and "overwritten" in err
    assert not list(tmp_path.glob(".writing*"))


def test_the_command_says_what_a_stopped_run_keeps(
    tmp_path, video, command, monkeypatch, tiny_tflite
):
    monkeypatch.setattr(segments_module, "SEGMENT_FRAMES", 5)

    def broken(frames, *_, **__):
        yield from itertools.islice(frames, 7)
        raise OSError("no space left")

    words = ("video", video, "-o", tmp_path / "out.mp4", "--model", tiny_tflite)
    with monkeypatch.context() as patch:
        patch.setattr("tfmatting.cli.one_film.progress_bar", broken)
        code, _, err = command(*words)
    assert code == 2 and "5 finished frames are kept" in err and "no space left" in err
    code, out, err = command(*words, "--resume")
    assert code == 0 and "12 frames written" in out, err


def test_a_fingerprint_changes_with_what_it_stands_for(tmp_path):
    path = tmp_path / "model.bin"
    path.write_bytes(b"1")
    before = fingerprint(path)
    path.write_bytes(b"22")
    assert fingerprint(path) != before
    grey = np.full((2, 3, 3), 90, np.uint8)
    assert fingerprint(grey) == fingerprint(grey.copy()) != fingerprint(grey + 1)
    assert fingerprint(BrightPredictor()) == "BrightPredictor" and fingerprint("blur") == "blur"


@pytest.mark.parametrize("options", [{"smooth": "median"}, {"background": np.zeros((2, 2))}])
def test_unknown_options_are_refused_before_the_work(tmp_path, video, options):
    with pytest.raises(TfmattingError, match="Received"):
        matte_video(video, tmp_path / "out.mp4", model=BrightPredictor(), **options)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4"]


def test_a_photo_may_be_given_as_an_array(video, tmp_path):
    green = np.zeros((8, 8, 3), np.uint8)
    green[..., 1] = 255
    run(video, tmp_path / "array.mp4", green)
    run(video, tmp_path / "colour.mp4", "#00ff00")
    pictures = []
    for name in ("array.mp4", "colour.mp4"):
        with VideoReader(tmp_path / name) as reader:
            pictures.append(next(reader.frames()).pixels)
    assert np.array_equal(*pictures)
