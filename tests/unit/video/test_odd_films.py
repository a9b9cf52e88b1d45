"""Films of rarer kinds: they come out frame for frame, or a line says what is otherwise."""

from fractions import Fraction

import av
import numpy as np
import pytest

from tests.unit.video.test_kinds import count, matte, scene


def write(path, codec, pixel_format="yuv420p", *, sizes=((64, 48),), times=None, options=None):
    """A film of six frames a size; with several sizes, a stream for each."""
    with av.open(str(path), "w", options=options or {}) as container:
        for size in sizes:
            stream = container.add_stream(codec, rate=25)
            stream.width, stream.height, stream.pix_fmt = *size, pixel_format
            if times:
                stream.codec_context.time_base = Fraction(1, 1000)
        for stream, size in zip(container.streams, sizes, strict=True):
            for index in range(6):
                picture = np.ascontiguousarray(np.resize(scene(index), (size[1], size[0], 3)))
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                frame = frame.reformat(format=pixel_format)
                if times:
                    frame.pts, frame.time_base = times[index], Fraction(1, 1000)
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
    return path


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format"),
    [
        ("444.mp4", "libx264", "yuv444p"),
        ("ten_bits.mov", "prores_ks", "yuv422p10le"),
        ("grey.mkv", "ffv1", "gray"),
        ("deep_grey.mkv", "ffv1", "gray16le"),
        ("lossless.avi", "huffyuv", "yuv422p"),
        ("raw.avi", "rawvideo", "bgr24"),
        ("coarse_colour.mkv", "ffv1", "yuv410p"),
        ("old.wmv", "wmv2", "yuv420p"),
        ("tape.mxf", "mpeg2video", "yuv420p"),
        ("palette.mov", "qtrle", "argb"),
    ],
)
def test_rare_codecs_and_pixel_formats(tmp_path, name, codec, pixel_format):
    source = write(tmp_path / name, codec, pixel_format)
    report = matte(source, tmp_path / "out.mp4")
    assert report.frames == count(tmp_path / "out.mp4") == 6
    assert not report.problems


def test_a_fragmented_film(tmp_path):
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    source = write(tmp_path / "live.mp4", "libx264", options=options)
    assert matte(source, tmp_path / "out.mp4").frames == 6


@pytest.mark.parametrize("start", [-80, 72_000_000])
def test_any_distances_from_any_start_keep_their_times(tmp_path, start):
    times = [start + offset for offset in (0, 40, 45, 200, 905, 2500)]
    source = write(tmp_path / "phone.mkv", "libx264", times=times)
    matte(source, tmp_path / "out.mkv")
    with av.open(str(source)) as first, av.open(str(tmp_path / "out.mkv")) as second:
        expected, found = ([f.time for f in film.decode(video=0)] for film in (first, second))
    assert found == pytest.approx(expected, abs=0.0015) and len(found) == 6


@pytest.mark.parametrize("size", [(2, 2), (640, 16)])
def test_tiny_and_narrow_pictures(tmp_path, size):
    source = write(tmp_path / "strip.mkv", "ffv1", "yuv444p", sizes=(size,))
    matte(source, tmp_path / "out.mkv")
    with av.open(str(tmp_path / "out.mkv")) as film:
        assert [(f.width, f.height) for f in film.decode(video=0)] == [size] * 6


def test_of_several_picture_streams_the_largest_is_read_and_the_others_are_named(tmp_path):
    source = write(tmp_path / "two.mkv", "libx264", sizes=((32, 16), (64, 48)))
    report = matte(source, tmp_path / "out.mp4")
    assert any("another picture stream, 32x16: left out" in note for note in report.notes)
    with av.open(str(tmp_path / "out.mp4")) as film:
        assert {(f.width, f.height) for f in film.decode(video=0)} == {(64, 48)}
