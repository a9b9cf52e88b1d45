import itertools
import subprocess
import sys
import threading
from contextlib import closing

import numpy as np
import pytest

from tests.unit.video.conftest import SIZE, av, facts, write_video
from tfmatting.imaging.background import parse_background
from tfmatting.inference.smoothing import OneFrameDelay, Recurrent
from tfmatting.video import segments as segments_module
from tfmatting.video.encoding import check_output
from tfmatting.video.mux import decode_times, join
from tfmatting.video.pipeline import matted
from tfmatting.video.reader import VideoReader
from tfmatting.video.segments import Segments
from tfmatting.video.writer import PictureWriter


class BrightMatter:
    """Stands in for a model: bright pixels are the person."""

    def stream(self):
        return self

    def alpha(self, frame):
        return (frame.max(axis=2) > 128).astype(np.float32)


LIMITED = """
import resource, sys
from tfmatting.cli.main import main
resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))
sys.exit(main(["video", sys.argv[1], "-o", sys.argv[2]]))
"""


def run(source, target, background="#0000ff", *, resume=False, stop_after=None):
    """As `tfmatting video`, with the bright pixels as the person; returns the problems."""
    scene = parse_background(background)
    encoding = check_output(target, transparent=not scene.opaque)

    def open_writer(path):
        return PictureWriter(path, reader.facts, encoding, size, transparent=not scene.opaque)

    def compose(frame, alpha, _):
        return scene.compose(frame, alpha)

    with VideoReader(source) as reader:
        size = reader.facts.upright_size
        segments = Segments(target, {"background": background}, resume=resume)
        pictures = matted(reader, BrightMatter(), compose, after=segments.last_pts)
        with closing(pictures), closing(segments.write(pictures, open_writer)) as written:
            for _ in itertools.islice(written, stop_after):
                pass
        if stop_after is None:
            join(segments, reader, encoding, target)
            segments.remove()
        return reader.problems


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


def test_files_without_transparency_and_unknown_names_are_refused(tmp_path):
    with pytest.raises(ValueError, match="no transparency"):
        check_output(tmp_path / "o.mp4", transparent=True)
    with pytest.raises(ValueError, match=r"\.webm"):
        check_output(tmp_path / "o.avi", transparent=False)


def test_what_is_no_video_is_refused(tmp_path):
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(ValueError, match="Not a video"):
        VideoReader(tmp_path / "text.mp4")
    with pytest.raises(FileNotFoundError):
        VideoReader(tmp_path / "none.mp4")
    container = av.open(str(tmp_path / "sound.m4a"), "w")
    voice = container.add_stream("aac", rate=16000)
    tone = av.AudioFrame.from_ndarray(np.zeros((1, 1600), np.float32), "fltp", "mono")
    tone.sample_rate = 16000
    container.mux(voice.encode(tone))
    container.mux(voice.encode())
    container.close()
    with pytest.raises(ValueError, match="without one"):
        VideoReader(tmp_path / "sound.m4a")


def test_a_truncated_video_gives_what_is_readable_and_says_so(tmp_path):
    source = write_video(tmp_path / "in.mkv", 60, sound=False)
    data = source.read_bytes()
    (tmp_path / "cut.mkv").write_bytes(data[: len(data) * 2 // 3])
    (problem,) = run(tmp_path / "cut.mkv", tmp_path / "out.mp4")
    times = facts(tmp_path / "out.mp4")["times"]
    assert 10 < len(times) < 60
    assert problem == f"the video ends at {times[-1]:.1f} of 6.0 seconds"


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
    monkeypatch.setattr(segments_module, "PIECE_FRAMES", 10)
    source = write_video(tmp_path / "in.mp4", 36)
    whole, target = tmp_path / f"whole{suffix}", tmp_path / f"out{suffix}"
    run(source, whole)
    run(source, target, stop_after=25)
    assert not target.exists()
    with pytest.raises(FileExistsError, match="--resume"):
        run(source, target)
    with pytest.raises(ValueError, match="Changed: background"):
        run(source, target, "#00ff00", resume=True)
    run(source, target, resume=True)
    assert facts(target) == facts(whole)
    assert not list(tmp_path.glob(".*"))


def test_there_must_be_something_to_resume(tmp_path, video):
    with pytest.raises(FileNotFoundError, match="Nothing to resume"):
        run(video, tmp_path / "out.mp4", resume=True)


def test_decode_times_rise_and_never_follow_the_showing():
    shown = [0, 40, 20, 10, 30, 80, 60, 50, 70]
    assert decode_times(shown) == [-20, -10, 0, 10, 20, 30, 40, 50, 60]
    assert decode_times([5, 6, 9]) == [5, 6, 9]


def test_a_full_disk_is_one_line_and_what_is_done_is_kept(tmp_path):
    """A limit on the size of files stands in for the disk."""
    source = write_video(tmp_path / "in.mp4", 40, noise=True)
    words = [sys.executable, "-c", LIMITED, str(source), str(tmp_path / "out.mp4")]
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    assert result.returncode == 2, result.stderr
    assert "Traceback" not in result.stderr and "File too large" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4"]


def test_a_failure_in_any_step_ends_all_of_them(video):
    class Broken(BrightMatter):
        def alpha(self, frame):
            raise RuntimeError("no more")

    before = threading.active_count()
    with VideoReader(video) as reader, pytest.raises(RuntimeError, match="no more"):
        list(matted(reader, Broken(), lambda frame, alpha, _: frame))
    for thread in threading.enumerate():
        if thread.daemon and thread is not threading.main_thread():
            thread.join(timeout=2)
    assert threading.active_count() <= before


def test_smoothing_keeps_every_frame(video):
    for smoother in (None, OneFrameDelay(), Recurrent()):
        with VideoReader(video) as reader:
            frames = matted(reader, BrightMatter(), lambda frame, alpha, _: frame, smoother)
            times = [picture.pts for picture in frames]
        assert len(times) == 12 and times == sorted(times)


def through(smoother, values):
    alphas = [np.full((2, 2), value, np.float32) for value in values]
    out = [alpha for value in alphas for alpha in smoother.push(value)]
    return [float(alpha[0, 0]) for alpha in (*out, *smoother.flush())]


def test_one_frame_delay_mends_a_flicker_and_leaves_motion():
    mended = through(OneFrameDelay(), [0.9, 0.2, 0.95, 0.95])
    np.testing.assert_allclose(mended, [0.9, 0.925, 0.95, 0.95], atol=1e-6)
    moving = [0.0, 0.3, 0.6, 0.9, 1.0]
    np.testing.assert_allclose(through(OneFrameDelay(), moving), moving, atol=1e-6)


def test_the_running_mean_damps_small_changes_and_follows_large_ones():
    small = through(Recurrent(), [0.5, 0.52, 0.5, 0.52])
    assert np.ptp(small) < 0.012
    assert through(Recurrent(), [0.0, 1.0])[1] == 1.0


def test_the_command(tmp_path, video, command, tiny_tflite):
    out = tmp_path / "side.mp4"
    code, text, err = command(
        "video", video, "-o", out, "--model", tiny_tflite, "--side-by-side", "--smooth", "ofd"
    )
    assert code == 0, err
    assert "12 frames" in text and facts(out)["size"] == (SIZE[0], 2 * SIZE[1])
    code, _, err = command("video", video, "-o", tmp_path / "o.mp4", "--background", "transparent")
    assert code == 2 and "no transparency" in err
    code, _, err = command("video", video, "-o", tmp_path / "o.mp4", "--resume")
    assert code == 2 and "Nothing to resume" in err
    code, _, err = command("video", video, "-o", video)
    assert code == 2 and "overwritten" in err
    assert not list(tmp_path.glob(".writing*"))
