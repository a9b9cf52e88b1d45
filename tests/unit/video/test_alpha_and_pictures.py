"""Transparent films, animated GIF and numbered pictures, in and out."""

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.unit.video.conftest import SIZE, BrightPredictor, av, facts, write_video
from tfmatting.errors import InputError, MissingFileError
from tfmatting.imaging.io import read_image, read_rgba
from tfmatting.video.image_sequence import find_sequence, numbered_path, parse_frame_rate
from tfmatting.video.matte import matte_video
from tfmatting.video.reader import VideoReader

FRAMES = 6
CLEAR = 20
"""The columns on the left that are transparent in the input; the next ten are half clear."""


def cut_out(index, size=SIZE):
    """RGBA: a bright square that moves from the clear columns into the opaque ones."""
    picture = np.full((*size, 4), (40, 60, 80, 255), np.uint8)
    picture[16:32, 4 + 4 * index : 36 + 4 * index, :3] = (230, 200, 60)
    picture[:, :CLEAR, 3], picture[:, CLEAR : CLEAR + 10, 3] = 0, 128
    return picture


def write_cut_outs(path, codec, pixel_format):
    with av.open(str(path), "w") as film:
        options = {"auto-alt-ref": "0"} if codec == "libvpx" else {}
        stream = film.add_stream(codec, rate=10, options=options)
        stream.height, stream.width = SIZE
        stream.pix_fmt = pixel_format
        for index in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(cut_out(index), format="rgba")
            film.mux(stream.encode(frame.reformat(format=pixel_format)))
        film.mux(stream.encode())
    return path


def write_pictures(folder, first=1, count=FRAMES, suffix=".png", size=SIZE):
    folder.mkdir(exist_ok=True)
    for index in range(count):
        picture = cv2.cvtColor(cut_out(index, size), cv2.COLOR_RGBA2BGRA)
        cv2.imwrite(str(folder / f"{first + index:05d}{suffix}"), picture)
    return folder / f"%05d{suffix}"


def matte(source, target, background="#0000ff", **options):
    return matte_video(source, target, model=BrightPredictor(), background=background, **options)


def read(path):
    with VideoReader(path) as reader:
        return list(reader.frames())


def check_own_alpha(alpha):
    """The matte of the last frame is the square, less what was clear before."""
    rows = alpha[18:30].astype(float)
    assert rows[:, : CLEAR - 2].max() <= 2  # clear in the input
    assert np.abs(rows[:, 26:28] - 128).max() <= 12  # half clear in the input
    assert rows[:, 34:50].min() >= 253
    assert alpha[36:].max() <= 2 and alpha[:12].max() <= 2  # the network's background


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format"),
    [
        ("in.webm", "libvpx-vp9", "yuva420p"),
        ("in.mkv", "libvpx", "yuva420p"),
        ("in.mov", "prores_ks", "yuva444p10le"),
        ("in.mov", "qtrle", "argb"),
        ("in.mov", "png", "rgba"),
        ("in.apng", "apng", "rgba"),
        ("in.mkv", "ffv1", "bgra"),
    ],
)
def test_a_transparent_film_keeps_its_own_alpha(tmp_path, name, codec, pixel_format):
    film = write_cut_outs(tmp_path / name, codec, pixel_format)
    frames = read(film)
    assert len(frames) == FRAMES and all(frame.alpha is not None for frame in frames)
    report = matte(film, tmp_path / "out.mov", "transparent")
    assert report.frames == FRAMES and not report.problems
    check_own_alpha(read(tmp_path / "out.mov")[-1].alpha)
    matte(film, tmp_path / "out.mp4")
    last = read(tmp_path / "out.mp4")[-1].pixels.astype(int)
    assert last[20:28, 4:14, 2].min() > 240 and last[20:28, 36:46, 2].max() < 90  # blue; yellow


@pytest.mark.parametrize("suffix", [".webm", ".mkv", ".mov"])
def test_a_transparent_output_is_read_as_transparent(video, tmp_path, suffix):
    matte(video, tmp_path / f"out{suffix}", "transparent")
    first = read(tmp_path / f"out{suffix}")[0]
    assert first.alpha[12:20, 5:14].min() > 250 and first.alpha[34:].max() < 5


def test_an_animated_webp_keeps_its_times_and_its_alpha(tmp_path):
    first, *others = [Image.fromarray(cut_out(i % 6)) for i in range(20)]
    path = tmp_path / "in.webp"
    lengths = [40, 100] * 10
    first.save(path, save_all=True, append_images=others, duration=lengths, lossless=True)
    matte(path, tmp_path / "out.mov", "transparent")
    times = facts(tmp_path / "out.mov")["times"]
    np.testing.assert_allclose(times[:4], [0, 0.04, 0.14, 0.18], atol=1e-6)
    assert len(times) == 20
    check_own_alpha(read(tmp_path / "out.mov")[FRAMES - 1].alpha)
    with VideoReader(path) as reader:
        assert float(reader.facts.frame_rate) == pytest.approx(14.3, abs=0.5)  # 16 in 1.12 seconds
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(InputError, match=r"in\.webp"):
        matte(path, tmp_path / "out.mp4")


def test_an_opaque_film_has_no_alpha_of_its_own(video):
    assert all(frame.alpha is None for frame in read(video))


def test_numbered_pictures_become_a_film(tmp_path):
    pattern = write_pictures(tmp_path / "frames", first=7)
    report = matte(pattern, tmp_path / "out.mov", "transparent", frame_rate="24000/1001")
    assert report.frames == FRAMES
    times = facts(tmp_path / "out.mov")["times"]
    np.testing.assert_allclose(times, np.arange(FRAMES) * 1001 / 24000, atol=1e-6)
    check_own_alpha(read(tmp_path / "out.mov")[-1].alpha)
    matte(pattern, tmp_path / "usual.mp4")
    assert facts(tmp_path / "usual.mp4")["times"][1] == pytest.approx(1 / 25)


def test_numbered_pictures_come_out_under_the_numbers_of_the_input(tmp_path):
    pattern = write_pictures(tmp_path / "frames", first=98)
    report = matte(pattern, tmp_path / "out" / "p-%03d.png", "transparent")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [f"p-{number:03d}.png" for number in range(98, 98 + FRAMES)]
    assert report.frames == FRAMES and not report.notes
    picture = read_rgba(tmp_path / "out" / "p-103.png")
    check_own_alpha(picture[..., 3])
    assert np.abs(picture[20:28, 36:46, :3].astype(int) - (230, 200, 60)).max() <= 1


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".bmp", ".tif"])
def test_a_film_becomes_numbered_pictures_from_1_and_the_sound_is_named(video, tmp_path, suffix):
    report = matte(video, tmp_path / "out" / f"%d{suffix}")
    assert sorted(int(path.stem) for path in (tmp_path / "out").iterdir()) == [*range(1, 13)]
    assert report.notes == [f"the sound is left out: {suffix} holds none"]
    picture = read_image(tmp_path / "out" / f"12{suffix}").astype(int)
    assert np.abs(picture[40, 5] - (0, 0, 255)).max() < 25  # JPEG halves the chroma
    assert picture[12:20, 40:50, 0].min() > 200


def test_a_stopped_run_of_pictures_goes_on(video, tmp_path, monkeypatch):
    monkeypatch.setattr("tfmatting.video.segments.SEGMENT_FRAMES", 4)

    def stopped(frames, **_):
        yield from itertools.islice(frames, 9)
        raise KeyboardInterrupt

    target = tmp_path / "out" / "%05d.png"
    with pytest.raises(KeyboardInterrupt):
        matte(video, target, progress=stopped)
    assert not list((tmp_path / "out").glob("*.png"))
    assert matte(video, target, resume=True).frames == 12
    assert len(list((tmp_path / "out").iterdir())) == 12


@pytest.mark.parametrize("given", ["gap", "size", "none", "broken", "rate", "occupied", "jpg"])
def test_what_is_no_sequence_is_refused_before_the_work(tmp_path, command, video, given):
    pattern, target, words = write_pictures(tmp_path / "frames"), tmp_path / "out.mp4", []
    if given == "gap":
        (tmp_path / "frames" / "00003.png").unlink()
        expected = "without 00003.png"
    elif given == "size":
        cv2.imwrite(str(tmp_path / "frames" / "00004.png"), np.zeros((20, 30, 3), np.uint8))
        expected = "00004.png of 30x20"
    elif given == "none":
        pattern, expected = tmp_path / "frames" / "%d.png", "No pictures like"
    elif given == "broken":
        (tmp_path / "frames" / "00002.png").write_bytes(b"no picture")
        expected = "00002.png"
    elif given == "rate":
        words, expected = ["--frame-rate", "0"], "above 0"
    elif given == "occupied":
        pattern, target, expected = video, pattern, "00001.png exists"
    else:
        target, expected = tmp_path / "o" / "%d.jpg", "no transparency"
        words = ["--background", "transparent"]
    code, _, err = command("video", pattern, "-o", target, *words)
    assert code == 2 and expected in err and "Traceback" not in err
    assert len(err.strip().splitlines()) == 1


def test_a_frame_rate_is_for_pictures_and_a_percent_sign_may_be_in_a_name(video, tmp_path):
    with pytest.raises(InputError, match="numbered pictures"):
        matte(video, tmp_path / "out.mp4", frame_rate=30)
    odd = video.rename(tmp_path / "100%d.mp4")
    assert matte(odd, tmp_path / "out.mp4").frames == 12


def test_numbers_and_rates():
    assert numbered_path(Path("a%d.png"), 12).name == "a12.png"
    assert numbered_path(Path("a%04d.png"), 12).name == "a0012.png"
    assert parse_frame_rate("30000/1001").denominator == 1001
    assert float(parse_frame_rate(29.97)) == pytest.approx(29.97)
    with pytest.raises(InputError):
        parse_frame_rate("fast")


def test_pictures_beyond_the_padding_belong_to_the_sequence(tmp_path):
    for number in (8, 9, 10, 11):
        cv2.imwrite(str(tmp_path / f"{number:01d}.png"), np.zeros((4, 4, 3), np.uint8))
    (tmp_path / "x9.png").touch()
    assert find_sequence(tmp_path / "%01d.png").numbers == range(8, 12)
    with pytest.raises(MissingFileError):
        find_sequence(tmp_path / "none" / "%d.png")


def test_gif_in_and_out(tmp_path):
    source = write_video(tmp_path / "in.mkv", times=[0, 100, 200, 400, 500, 900], frames=6)
    report = matte(source, tmp_path / "out.gif", "transparent")
    assert report.notes == ["the sound is left out: .gif holds none"]
    frames = read(tmp_path / "out.gif")
    assert [frame.pts for frame in frames] == [0, 10, 20, 40, 50, 90]  # hundredths
    first = frames[0]
    assert set(np.unique(first.alpha)) == {0, 255} and first.alpha[12:20, 5:14].min() == 255
    assert first.alpha[30:].max() == 0
    assert np.abs(first.pixels[16, 10].astype(int) - (230, 200, 60)).max() < 12
    matte(tmp_path / "out.gif", tmp_path / "again.mp4")
    after = facts(tmp_path / "again.mp4")
    np.testing.assert_allclose(after["times"], [0, 0.1, 0.2, 0.4, 0.5, 0.9], atol=1e-3)
    last = read(tmp_path / "again.mp4")[-1].pixels.astype(int)
    assert last[40, 5, 2] > 240 and last[16, 24, 0] > 200  # blue where it was clear


def test_an_opaque_gif_keeps_its_colours_and_names_what_it_cannot_show(tmp_path):
    source = write_video(
        tmp_path / "in.mkv", times=[10 * i for i in range(10)], frames=10, sound=False
    )
    report = matte(source, tmp_path / "out.gif")
    assert report.notes == ["GIF shows at most 50 frames a second: 5 are left out"]
    frames = read(tmp_path / "out.gif")
    assert [frame.pts for frame in frames] == [0, 2, 4, 6, 8]
    assert all(frame.alpha is None for frame in frames)
    assert np.abs(frames[0].pixels[40, 50].astype(int) - (0, 0, 255)).max() < 12
