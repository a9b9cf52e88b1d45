import threading

import numpy as np
import pytest

from tests.unit.video.conftest import SIZE, av, facts, write_video
from tfmatting.imaging.background import parse_background
from tfmatting.inference.smoothing import OneFrameDelay, Recurrent
from tfmatting.video.pipeline import Picture, matted
from tfmatting.video.reader import Frame, VideoReader
from tfmatting.video.writer import VideoWriter, check_output


class BrightMatter:
    """Stands in for a model: bright pixels are the person."""

    def stream(self):
        return self

    def alpha(self, frame):
        return (frame.max(axis=2) > 128).astype(np.float32)


def run(source, target, background="#0000ff", smoother=None):
    scene = parse_background(background)
    with VideoReader(source) as reader:
        size = reader.facts.upright_size
        with VideoWriter(target, reader, size, transparent=not scene.opaque) as writer:
            for item in matted(
                reader,
                BrightMatter(),
                lambda frame, alpha, _: scene.compose(frame, alpha),
                smoother,
            ):
                if isinstance(item, Picture):
                    writer.write(item.pixels, item.pts)
                else:
                    writer.write_sound(item)
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
        frame = next(item for item in reader.items() if isinstance(item, Frame))
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
    run(tmp_path / "cut.mkv", tmp_path / "out.mp4")
    written = len(facts(tmp_path / "out.mp4")["times"])
    assert 10 < written < 60


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


def test_smoothing_keeps_every_frame_and_the_order_of_the_sound(video):
    for smoother in (None, OneFrameDelay(), Recurrent()):
        with VideoReader(video) as reader:
            items = list(matted(reader, BrightMatter(), lambda frame, alpha, _: frame, smoother))
        kinds = ["picture" if isinstance(item, Picture) else "sound" for item in items]
        assert kinds.count("picture") == 12 and kinds.count("sound") > 5
        times = [item.pts for item in items if isinstance(item, Picture)]
        assert times == sorted(times)


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
    code, _, err = command("video", video, "-o", video)
    assert code == 2 and "overwritten" in err
    assert not list(tmp_path.glob(".writing*"))
