"""Films of rarer kinds: they come out frame for frame, or a line says what is otherwise."""

from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from tests.unit.video.test_kinds import count, film, matte, scene, shown
from tfmatting.errors import InputError
from tfmatting.video.reader import VideoReader


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


def test_pictures_before_0_are_all_shown(tmp_path):
    """A transport stream whose clock of 33 bits starts anew: FFmpeg gives times below 0."""
    muxer = 1400  # milliseconds that it adds
    times = [2**33 // 90 - muxer - 300 + 120 * index for index in range(6)]
    source = write(tmp_path / "in.ts", "libx264", times=times)
    with VideoReader(source) as reader:
        assert reader.first_pts < 0
    matte(source, tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as film:
        found = [frame.time for frame in film.decode(video=0)]
    assert found == pytest.approx([0.12 * index for index in range(6)], abs=0.0015)


def test_of_an_animated_avif_the_animation_is_read(tmp_path):
    pictures = [Image.fromarray(scene(index)) for index in range(5)]
    path = tmp_path / "a.avif"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=80)
    assert matte(path, tmp_path / "out.mp4").frames == 5


@pytest.mark.parametrize(
    ("name", "message"), [("notes.txt", "the text"), ("a.tga", "the photo"), ("a.nut", "2x2")]
)
def test_what_only_ffmpeg_takes_for_a_film_is_refused(
    tmp_path, command, tiny_tflite, name, message
):
    path = tmp_path / name
    if name == "notes.txt":
        path.write_text("a line of text\n" * 40)
    elif name == "a.tga":
        Image.fromarray(scene()).save(path)
    else:
        write(path, "rawvideo", "rgb24", sizes=((1, 48),))
    words = ("video", path, "-o", tmp_path / "out.mp4", "--model", tiny_tflite)
    code, _, err = command(*words)
    assert code == 2 and message in err and err.count("\n") == 1
    assert not (tmp_path / "out.mp4").exists()


def test_sound_in_a_layout_that_mp4_has_no_name_for_is_encoded(tmp_path):
    source = film(tmp_path / "in.mkv", 10, audio=[("pcm_s24le", 48000, "4.0")])
    assert not matte(source, tmp_path / "out.mp4").problems
    with av.open(str(tmp_path / "out.mp4")) as container:
        (sound,) = container.streams.audio
        assert sound.codec_context.name == "aac" and sound.codec_context.layout.nb_channels == 4


def test_a_timecode_is_kept(tmp_path):
    with av.open(str(tmp_path / "in.mov"), "w") as container:
        container.metadata["timecode"] = "01:00:00:00"
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        picture = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
        container.mux([*stream.encode(picture), *stream.encode()])
    report = matte(tmp_path / "in.mov", tmp_path / "out.mov")
    assert not report.notes
    with av.open(str(tmp_path / "out.mov")) as container:
        assert container.streams.video[0].metadata["timecode"] == "01:00:00:00"


@pytest.mark.parametrize("moving", [False, True])
def test_a_background_keeps_its_shape_under_pixels_that_are_not_square(tmp_path, moving):
    """A circle in the background stays a circle on the screen."""
    backdrop = np.zeros((200, 400, 3), np.uint8)
    cv2.circle(backdrop, (200, 100), 60, (0, 0, 255), -1)

    def wide(stream):
        stream.codec_context.sample_aspect_ratio = Fraction(2)

    source = film(tmp_path / "in.mp4", 3, prepare=wide)
    path = tmp_path / ("back.mkv" if moving else "back.png")
    if moving:
        with av.open(str(path), "w") as container:
            stream = container.add_stream("ffv1", rate=25)
            stream.width, stream.height, stream.pix_fmt = 400, 200, "bgr0"
            container.mux(stream.encode(av.VideoFrame.from_ndarray(backdrop, format="rgb24")))
            container.mux(stream.encode())
    else:
        Image.fromarray(backdrop).save(path)
    pixels, _, aspect = shown(matte(source, tmp_path / "out.mp4", background=path).output)
    circle = pixels[..., 2] > 150
    height, width = circle.any(axis=1).sum(), circle.any(axis=0).sum()
    assert width * float(aspect) == pytest.approx(height, abs=3)


def changed(path, before, after):
    data = path.read_bytes()
    assert before in data and len(before) == len(after)
    path.write_bytes(data.replace(before, after))
    return path


def test_titles_that_are_not_utf_8_do_no_harm(tmp_path):
    with av.open(str(tmp_path / "in.avi"), "w") as output:
        output.metadata["title"] = "Cafe1"
        stream = output.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        picture = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
        output.mux([*stream.encode(picture), *stream.encode()])
    changed(tmp_path / "in.avi", b"Cafe1", "Caf\u00e91".encode("latin-1"))
    matte(tmp_path / "in.avi", tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as output:
        assert output.metadata["title"] == "Caf\N{REPLACEMENT CHARACTER}1"


def test_streams_of_codecs_that_nobody_knows(tmp_path):
    source = film(tmp_path / "in.mov", 5, audio=[("alac", 48000, "mono")])
    changed(source, b"alac", b"zzzz")
    report = matte(source, tmp_path / "out.mp4")
    assert report.frames == 5
    assert report.notes == [".mp4 cannot hold sound of an unknown kind: dropped"]
    with pytest.raises(InputError, match="that can be decoded"):
        VideoReader(changed(source, b"avc1", b"zzzz"))
