"""Films of every kind: how they are shown, when, with which sound, and what they say."""

import datetime
import os
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from tests.unit.video.conftest import BrightPredictor, av
from tfmatting.video.geometry import Geometry
from tfmatting.video.matte import matte_video
from tfmatting.video.names import file_name
from tfmatting.video.reader import VideoReader

HEIGHT, WIDTH, RATE = 48, 80, 25


def scene(index=0):
    """A bright mark in the upper left corner, of another brightness in each frame."""
    picture = np.full((HEIGHT, WIDTH, 3), 30, np.uint8)
    picture[4:16, 6:26] = 140 + 2 * index % 100
    return picture


def film(
    path, frames=30, *, codec="libx264", options=None, prepare=None, audio=(), start=0, **container
):
    """Write a film; `prepare(stream)` sets what the test is about."""
    with av.open(file_name(path), "w", **container) as output:
        stream = output.add_stream(codec, rate=RATE, options=options or {})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.time_base = Fraction(1, RATE)
        if prepare:
            prepare(stream)
        voices = [
            output.add_stream(codec, rate=rate, layout=layout) for codec, rate, layout in audio
        ]
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(scene(index), format="rgb24")
            frame.pts, frame.time_base = start + index, Fraction(1, RATE)
            output.mux(stream.encode(frame))
        for voice in voices:
            sing(output, voice, frames / RATE + start / RATE)
        output.mux(stream.encode())
    return path


def sing(output, voice, seconds):
    """A tone on every channel."""
    rate, layout = voice.codec_context.sample_rate, voice.codec_context.layout
    t = np.arange(round(rate * seconds)) / rate
    wave = np.tile(0.2 * np.sin(2 * np.pi * 440 * t), (layout.nb_channels, 1)).astype(np.float32)
    for begin in range(0, len(t), 1024):
        part = np.ascontiguousarray(wave[:, begin : begin + 1024])
        tone = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout.name)
        tone.sample_rate, tone.pts, tone.time_base = rate, begin, Fraction(1, rate)
        output.mux(voice.encode(tone))
    output.mux(voice.encode())


def matte(source, output, **options):
    options.setdefault("background", "#000000")
    return matte_video(source, output, model=BrightPredictor(), **options)


def shown(path):
    """The first picture as players show it, the time of every frame, and the pixels' shape."""
    with VideoReader(path) as reader:
        frames = list(reader.frames())
        base = reader.facts.time_base
        aspect = reader.facts.geometry.upright().pixel_aspect
    return frames[0].pixels, [float(frame.pts * base) for frame in frames], aspect


def count(path):
    with av.open(file_name(path)) as container:
        return sum(1 for _ in container.decode(video=0))


ORIENTATIONS = [(turn, mirror) for turn in (0, 90, 180, 270) for mirror in (False, True)]


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm"])
@pytest.mark.parametrize(("turn", "mirror"), ORIENTATIONS)
def test_all_orientations_look_the_same_before_and_after(tmp_path, turn, mirror, suffix):
    source = film(
        tmp_path / "in.mp4",
        frames=3,
        prepare=lambda stream: stream.set_display_rotation(turn, hflip=mirror),
    )
    expected = np.rot90(scene(), turn // 90)
    if mirror:
        expected = expected[:, ::-1]
    with VideoReader(source) as reader:
        before = next(reader.frames()).pixels
    assert before.shape == expected.shape
    assert np.abs(before.astype(int) - expected).mean() < 6
    after, _, _ = shown(matte(source, tmp_path / f"out{suffix}").output)
    assert after.shape == expected.shape
    bright = expected[..., 0] > 100
    assert after[bright].mean() > 100 and after[~bright].mean() < 25


def test_a_geometry_stores_what_it_shows():
    picture = np.arange(24).reshape(4, 6)
    for swapped in (False, True):
        for mirrored in (False, True):
            for flipped in (False, True):
                geometry = Geometry(swapped, mirrored, flipped)
                assert np.array_equal(geometry.store(geometry.show(picture)), picture)
                assert geometry.size((4, 6)) == geometry.show(picture).shape
                if geometry.is_rotation:
                    turned = np.rot90(picture, geometry.rotation // 90)
                    assert np.array_equal(geometry.show(picture), turned)


def test_an_odd_angle_is_said(tmp_path):
    cos, sin = round(0.98 * 2**16), round(0.2 * 2**16)
    matrix = [cos, sin, 0, -sin, cos, 0, 0, 0, 1 << 30]
    source = film(
        tmp_path / "in.mp4", frames=2, prepare=lambda stream: stream.set_display_matrix(matrix)
    )
    report = matte(source, tmp_path / "out.mp4")
    assert any("multiple of 90" in note for note in report.notes)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm"])
@pytest.mark.parametrize("turn", [0, 90])
def test_pixels_that_are_not_square_stay_so(tmp_path, turn, suffix):
    def anamorphic(stream):
        stream.codec_context.sample_aspect_ratio = Fraction(64, 45)
        stream.set_display_rotation(turn)

    source = film(tmp_path / "in.mp4", frames=3, prepare=anamorphic)
    picture, _, aspect = shown(matte(source, tmp_path / f"out{suffix}").output)
    height, width = (WIDTH, HEIGHT) if turn else (HEIGHT, WIDTH)
    expected = 45 / 64 if turn else 64 / 45
    if suffix != ".webm":  # PyAV cannot write it there: the pixels are made square
        assert picture.shape[:2] == (height, width)
        assert float(aspect) == pytest.approx(expected, rel=0.01)
    shape = picture.shape[1] / picture.shape[0] * float(aspect)
    assert shape == pytest.approx(width / height * expected, rel=0.03)


def test_an_odd_size_is_said(tmp_path):
    with av.open(str(tmp_path / "in.mkv"), "w") as output:
        stream = output.add_stream("ffv1", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 81, 49, "bgr0"
        for index in range(3):
            picture = np.full((49, 81, 3), 40 * index, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    report = matte(tmp_path / "in.mkv", tmp_path / "out.mp4")
    assert "has an odd size, 81x49: written as 80x48" in report.notes


B_FRAMES = {"bf": "3", "x264-params": "b-adapt=0"}


def test_an_avi_with_b_frames_keeps_every_frame(tmp_path):
    """AVI has no presentation times: FFmpeg reads those of decoding."""
    source = film(tmp_path / "in.avi", 50, codec="libx264", options=B_FRAMES)
    report = matte(source, tmp_path / "out.mp4")
    assert report.frames == count(tmp_path / "out.mp4") == 50
    _, times, _ = shown(tmp_path / "out.mp4")
    assert np.allclose(np.diff(times), 1 / RATE, atol=1e-3)


def test_joined_transport_streams_keep_every_frame_and_their_sound(tmp_path):
    part = film(tmp_path / "part.ts", 50, audio=[("aac", 48000, "stereo")])
    (tmp_path / "in.ts").write_bytes(part.read_bytes() * 2)
    report = matte(tmp_path / "in.ts", tmp_path / "out.mp4")
    assert report.frames == count(tmp_path / "out.mp4") == 100
    _, times, _ = shown(tmp_path / "out.mp4")
    assert np.allclose(np.diff(times), 1 / RATE, atol=0.05)
    with av.open(str(tmp_path / "out.mp4")) as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert samples / 48000 == pytest.approx(4, abs=0.15)


@pytest.mark.parametrize("kind", ["h264", "mpeg", "mjpeg"])
def test_raw_streams_without_times_are_read(tmp_path, kind):
    codec = {"h264": "libx264", "mpeg": "mpeg2video", "mjpeg": "mjpeg"}[kind]
    container = {"mpeg": "mpeg2video"}.get(kind, kind)

    def prepare(stream):
        if kind == "mjpeg":
            stream.pix_fmt = "yuvj420p"

    source = film(tmp_path / f"in.{kind}", 30, codec=codec, prepare=prepare, format=container)
    report = matte(source, tmp_path / "out.mp4")
    assert report.frames == count(tmp_path / "out.mp4") == 30 and not report.problems
    _, times, _ = shown(tmp_path / "out.mp4")
    assert np.allclose(np.diff(times), 1 / RATE, atol=1e-3)


@pytest.mark.parametrize("suffix", [".flv", ".ts", ".mkv", ".mp4"])
def test_a_film_that_does_not_start_at_0_keeps_all(tmp_path, suffix):
    source = film(tmp_path / f"in{suffix}", 30, start=60, audio=[("aac", 44100, "mono")])
    report = matte(source, tmp_path / "out.mp4")
    assert report.frames == count(tmp_path / "out.mp4") == 30 and not report.problems


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp4", {}),
        ("a.mp4", {"movflags": "frag_keyframe+empty_moov"}),
        ("a.mkv", {}),
        ("a.mkv", {"live": "1"}),
        ("a.webm", {"live": "1"}),
        ("a.ts", {}),
        ("a.avi", {}),
        ("a.h264", {}),
    ],
)
def test_a_resumed_reading_loses_no_frame_with_or_without_an_index(tmp_path, name, options):
    codec = "libvpx-vp9" if name.endswith("webm") else "libx264"
    source = film(tmp_path / name, 120, codec=codec, options={"g": "12"}, container_options=options)
    with VideoReader(source) as reader:
        times = [frame.pts for frame in reader.frames()]
        for position in (5, 60, 110):
            resumed = [frame.pts for frame in reader.frames(after=times[position])]
            assert resumed == times[max(0, position + 1 - 11) :]
    assert len(times) == 120


def test_what_stands_for_a_film_is_checked_once_however_often_it_is_read(tmp_path, monkeypatch):
    from tfmatting.video import source as sources

    calls = []
    check = sources.check_video_file
    monkeypatch.setattr(sources, "check_video_file", lambda path: calls.append(path) or check(path))
    with VideoReader(film(tmp_path / "in.mp4", 5)) as reader:
        assert [len(list(reader.frames())) for _ in range(3)] == [5, 5, 5]
    assert len(calls) == 1


def test_sound_before_the_first_picture_is_kept(tmp_path):
    source = film(tmp_path / "in.mp4", 30, start=13, audio=[("aac", 48000, "mono")])

    def beginnings(path):
        with av.open(str(path)) as container:
            first = {}
            for packet in container.demux():
                if packet.pts is not None:
                    first.setdefault(packet.stream.type, float(packet.pts * packet.time_base))
            return first["video"] - first["audio"]

    for suffix in (".mp4", ".mov", ".mkv"):
        matte(source, tmp_path / f"out{suffix}")
        assert beginnings(tmp_path / f"out{suffix}") == pytest.approx(beginnings(source), abs=0.03)
        assert beginnings(source) > 0.4


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(60000, 1001), Fraction(30)])
def test_rates_stay_exact(tmp_path, rate):
    with av.open(str(tmp_path / "in.mp4"), "w") as output:
        stream = output.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(48):
            output.mux(stream.encode(av.VideoFrame.from_ndarray(scene(index), format="rgb24")))
        output.mux(stream.encode())
    matte(tmp_path / "in.mp4", tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.streams.video[0].average_rate == rate


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm"])
@pytest.mark.parametrize(
    ("codec", "layout"),
    [("libopus", "stereo"), ("flac", "5.1"), ("alac", "stereo"), ("aac", "mono"), ("ac3", "5.1")],
)
def test_sound_is_kept_or_encoded_again_with_its_channels(tmp_path, codec, layout, suffix):
    options = {"strict": "experimental"}
    source = film(
        tmp_path / "in.mkv", 30, audio=[(codec, 48000, layout)], container_options=options
    )
    report = matte(source, tmp_path / f"out{suffix}")
    assert not report.problems
    with av.open(str(tmp_path / f"out{suffix}")) as container:
        sound = container.streams.audio[0]
        assert sound.codec_context.layout.nb_channels == {"mono": 1, "stereo": 2, "5.1": 6}[layout]
        seconds = sum(frame.samples for frame in container.decode(sound)) / 48000
    assert seconds == pytest.approx(30 / RATE, abs=0.1)


def titled_film(path):
    """Two languages, a subtitle, chapters, a title, a date and a place."""
    plain = film(path.with_name("plain.mkv"), 50, audio=[("aac", 48000, "mono")] * 2)
    with av.open(str(plain)) as source, av.open(str(path), "w") as output:
        picture = output.add_stream_from_template(source.streams.video[0])
        voices = [output.add_stream_from_template(stream) for stream in source.streams.audio]
        for voice, language in zip(voices, ("eng", "deu"), strict=True):
            voice.metadata["language"], voice.metadata["title"] = language, f"in {language}"
        voices[0].disposition = av.stream.Disposition(0)
        voices[1].disposition = av.stream.Disposition.default
        output.metadata.update(
            title="A day",
            creation_time="2026-01-02T03:04:05.000000Z",
            location="+48.1000+011.5000/",
        )
        output.set_chapters(
            [
                {"id": 1, "start": 0, "end": 1000, "time_base": Fraction(1, 1000),
                 "metadata": {"title": "One"}},
                {"id": 2, "start": 1000, "end": 2000, "time_base": Fraction(1, 1000),
                 "metadata": {"title": "Two"}},
            ]
        )  # fmt: skip
        streams = [picture, *voices]
        for packet in source.demux():
            if packet.size:
                packet.stream = streams[packet.stream.index]
                output.mux(packet)
    return path


@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".mov"])
def test_what_a_film_says_of_itself_is_kept(tmp_path, suffix):
    source = titled_film(tmp_path / "in.mkv")
    matte(source, tmp_path / f"out{suffix}")
    with av.open(str(tmp_path / f"out{suffix}")) as container:
        lower = {key.lower(): value for key, value in container.metadata.items()}
        assert lower["title"] == "A day"
        made = datetime.datetime.fromisoformat(lower["creation_time"])
        assert made == datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
        assert "+48.1000+011.5000/" in lower.values()
        voices = container.streams.audio
        assert [voice.language for voice in voices] == ["eng", "ger" if suffix == ".mov" else "deu"]
        flags = [bool(voice.disposition & av.stream.Disposition.default) for voice in voices]
        assert flags == [False, True]
        titles = [chapter["metadata"]["title"] for chapter in container.chapters()]
        assert titles == ["One", "Two"]


def subtitled_film(path):
    """A film with one line of text, written as SubRip and joined by hand."""
    text = path.with_suffix(".srt")
    text.write_text("1\n00:00:00,100 --> 00:00:01,000\nHello\n\n")
    plain = film(path.with_name("plain.mkv"), 50)
    with (
        av.open(str(plain)) as pictures,
        av.open(str(text)) as words,
        av.open(str(path), "w") as output,
    ):
        picture = output.add_stream_from_template(pictures.streams.video[0])
        subtitle = output.add_stream_from_template(words.streams.subtitles[0])
        subtitle.metadata["language"] = "eng"
        for source, stream in ((words, subtitle), (pictures, picture)):
            for packet in source.demux():
                if packet.size:
                    packet.stream = stream
                    output.mux(packet)
    return path


def test_subtitles_are_copied_or_named(tmp_path):
    source = subtitled_film(tmp_path / "in.mkv")
    report = matte(source, tmp_path / "out.mkv")
    with av.open(str(tmp_path / "out.mkv")) as container:
        (subtitle,) = container.streams.subtitles
        assert subtitle.language == "eng"
        packets = [bytes(packet) for packet in container.demux(subtitle) if packet.size]
    assert packets == [b"Hello"] and not report.notes
    report = matte(source, tmp_path / "out.mp4")
    assert any("subtitles" in note and "dropped" in note for note in report.notes)


def test_names_with_colons_are_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    film("12:30 clip.mp4", 5, audio=[("aac", 48000, "mono")])
    film("concat:a.mp4", 5)
    report = matte("12:30 clip.mp4", "13:00 out.mp4", background="concat:a.mp4")
    assert report.frames == 5 and count("13:00 out.mp4") == 5


def test_a_photo_is_no_film(tmp_path):
    from tfmatting.imaging.io import write_image

    for name in ("a.jpg", "a.png", "a.webp", "a.tif"):
        write_image(tmp_path / name, scene())
        with pytest.raises(ValueError, match="tfmatting matte"):
            VideoReader(tmp_path / name)


@pytest.mark.skipif(sys.platform != "linux", reason="X11 and Wayland")
def test_webcam_without_a_display_is_one_line(tmp_path):
    source = film(tmp_path / "in.mp4", 5)
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    command = [sys.executable, "-m", "tfmatting", "webcam", "--camera", str(source)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 2, result.stderr
    assert result.stderr.strip().splitlines()[-1].count("--no-preview") == 1


def test_an_output_that_cannot_be_written_is_refused_before_the_work(tmp_path, monkeypatch):
    source = film(tmp_path / "in.mp4", 5)
    (tmp_path / "file").write_text("no folder")

    class Untouched(BrightPredictor):
        def stream(self):
            raise AssertionError("the work has begun")

    def run(output, match, kind=ValueError):
        with pytest.raises(kind, match=match):
            matte_video(source, output, model=Untouched(), background="#000000")

    run(tmp_path / "file" / "out.mp4", "folder")
    import shutil

    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    run(tmp_path / "out.mp4", "space")
    assert not (tmp_path / "out.mp4").exists()
