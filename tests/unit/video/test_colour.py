"""Colours pass through a video unchanged, and the output says which colours it holds."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.video.conftest import BrightPredictor
from tfmatting.video.colour import SAME_MATRIX, UNKNOWN, FrameEncoder, RgbDecoder
from tfmatting.video.encoding import ENCODINGS
from tfmatting.video.matte import matte_video
from tfmatting.video.reader import VideoReader

av = pytest.importorskip("av", reason="video needs PyAV")

BIAS = 0.05
"""Grey levels that a round trip may change a picture by on average; swscale's default is 1.2."""
SIZE = (192, 320)
PQ, HLG = 16, 18


class Everything(BrightPredictor):
    """All of the picture is the person."""

    def alpha(self, frame):
        return np.ones(frame.shape[:2], np.float32)


class Nothing(BrightPredictor):
    """All of the picture is background."""

    def alpha(self, frame):
        return np.zeros(frame.shape[:2], np.float32)


@pytest.fixture
def fine_x264(monkeypatch):
    """Encode without loss: a crf of 20 shifts smooth pictures by .1 level."""
    monkeypatch.setitem(ENCODINGS[".mp4"].options, "crf", "0")


def soft_picture(seed=0, size=SIZE):
    """Smooth saturated colours: halving the chroma loses little."""
    colours = np.random.default_rng(seed).integers(0, 256, (6, 10, 3), np.uint8)
    return cv2.resize(colours, size[::-1], interpolation=cv2.INTER_LINEAR)


def write_film(path, pictures, pixel_format, codec="libx264", tags=(2, 2, 2, 0), options=None):
    """Write float pictures in 0..1; tags: primaries, transfer, matrix, range."""
    with av.open(str(path), "w") as film:
        stream = film.add_stream(codec, rate=10, options=options or {})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = pixel_format
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = tags
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(np.uint16(picture * 65535 + 0.5), format="rgb48le")
            frame = frame.reformat(
                format=pixel_format,
                src_color_range=2,
                dst_colorspace=tags[2] or None,
                dst_color_range=tags[3],
                interpolation="ACCURATE_RND",
            )
            film.mux(stream.encode(frame))
        film.mux(stream.encode())
    return path


def tags_of(path):
    with av.open(str(path)) as film:
        frame = next(film.decode(video=0))
    names = ("color_primaries", "color_trc", "colorspace", "color_range")
    return tuple(int(getattr(frame, name)) for name in names), frame.format.name


def read(path):
    with VideoReader(path) as reader:
        return [frame.pixels for frame in reader.frames()]


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuva420p"])
@pytest.mark.parametrize("color_range", [0, 1, 2])
@pytest.mark.parametrize("matrix", [*SAME_MATRIX, UNKNOWN])
@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000), levels=st.sampled_from([(8, 248), (30, 130), (100, 220)]))
def test_a_round_trip_has_no_bias(matrix, color_range, pixel_format, seed, levels):
    """A bias is one over pictures: the rounding of a single one is .05 at times, of six .035."""
    low, high = levels
    opacity = np.resize(np.arange(256, dtype=np.uint8), SIZE)
    tags = {"color_range": color_range, "colorspace": matrix}
    biases = []
    for number in range(seed, seed + 6):
        picture = (low + soft_picture(number) / 255 * (high - low)).astype(np.uint8)
        given_picture = np.dstack([picture, opacity]) if "a" in pixel_format else picture
        frame = FrameEncoder(pixel_format, tags, SIZE[0]).convert(given_picture)
        frame.color_range, frame.colorspace = color_range, matrix
        back, alpha = RgbDecoder(SIZE).convert(frame)
        biases.append((back.astype(float) - picture).mean(axis=(0, 1)))
        if alpha is not None:
            assert np.array_equal(alpha, opacity)
    assert np.abs(np.mean(biases, axis=0)).max() < BIAS


@pytest.mark.parametrize("color_range", [1, 2])
@pytest.mark.parametrize("matrix", [1, 5, 6, 7, 9])
def test_a_film_keeps_its_brightness_and_its_tags(tmp_path, matrix, color_range, fine_x264):
    tags = (matrix, 1 if matrix == 5 else min(matrix, 7), matrix, color_range)
    pictures = [soft_picture(seed) / 255 for seed in range(3)]
    film = write_film(tmp_path / "in.mp4", pictures, "yuv420p", tags=tags, options={"crf": "4"})
    matte_video(film, tmp_path / "out.mp4", model=Everything(), background="#000000")
    assert tags_of(tmp_path / "out.mp4") == (tags, tags_of(film)[1])
    before, after = read(film), read(tmp_path / "out.mp4")
    change = np.mean([b.mean() - a.mean() for a, b in zip(before, after, strict=True)])
    assert abs(change) < BIAS


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format"),
    [
        ("in.mkv", "libx264rgb", "bgr24"),
        ("in.mkv", "ffv1", "gbrp10le"),
        ("in.mov", "png", "rgb24"),
        ("in.mov", "qtrle", "rgb24"),
    ],
)
def test_rgb_becomes_tagged_hd_video(tmp_path, name, codec, pixel_format, fine_x264):
    soft = [(16 + 0.88 * soft_picture(seed)).astype(np.uint8) for seed in range(6)]
    options = {"crf": "1"} if codec == "libx264rgb" else {}
    given = [picture / 255 for picture in soft]  # no colour is cut off
    film = write_film(tmp_path / name, given, pixel_format, codec, options=options)
    matte_video(film, tmp_path / "out.mp4", model=Everything(), background="#000000")
    assert tags_of(tmp_path / "out.mp4") == ((1, 1, 1, 1), "yuv420p")
    before, after = np.stack(read(film)).astype(float), np.stack(read(tmp_path / "out.mp4"))
    assert np.abs(before - np.stack(soft)).max() <= 6  # libx264rgb is lossy; no matrix was applied
    assert np.abs((after - before).mean(axis=(0, 1, 2))).max() < BIAS
    assert np.abs(after - before).mean() < 2


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_high_dynamic_range_is_tone_mapped_and_says_so(tmp_path, transfer, command):
    grey = {PQ: 0.58, HLG: 0.75}[transfer]  # the code values of diffuse white, BT.2408
    levels = [np.full((*SIZE, 3), value) for value in (0.0, 0.5 * grey, grey)]
    film = write_film(
        tmp_path / "in.mp4", levels, "yuv420p10le", "libx264", (9, transfer, 9, 1), {"crf": "5"}
    )
    black, middle, white = (picture.mean() for picture in read(film))
    assert black < 2 and 60 < middle < 150 and white > 245
    report = matte_video(film, tmp_path / "out.mp4", model=Nothing(), background="#00aa55")
    name = {PQ: "PQ", HLG: "HLG"}[transfer]
    assert report.notes == [f"{name} is tone-mapped to BT.709"] and not report.problems
    assert tags_of(tmp_path / "out.mp4") == ((1, 1, 1, 1), "yuv420p")
    colour = read(tmp_path / "out.mp4")[0].mean(axis=(0, 1))
    assert np.abs(colour - (0x00, 0xAA, 0x55)).max() < 2


def test_tone_mapping_keeps_hues_and_draws_no_stripes(tmp_path):
    tags = (9, HLG, 9, 1)
    picture = 0.25 + soft_picture(3) / 255 / 3
    film = write_film(tmp_path / "in.mp4", [picture], "yuv420p10le", "libx264", tags, {"crf": "5"})
    mapped = read(film)[0].astype(float)
    rows = np.abs(np.diff(mapped, axis=0)).mean() / np.abs(np.diff(mapped, axis=1)).mean()
    assert 0.7 < rows < 1.4  # the picture is as smooth in both directions
    for channel in range(3):
        own = np.corrcoef(mapped[..., channel].ravel(), picture[..., channel].ravel())[0, 1]
        assert own > 0.85  # a wider gamut than BT.709 is bent


def test_untagged_video_takes_the_matrix_that_players_take():
    small, large = (np.full((height, 64, 3), (200, 40, 40), np.uint8) for height in (480, 720))
    tags = {"color_range": 1, "colorspace": UNKNOWN}
    for picture, luma in ((small, 0.299), (large, 0.2126)):
        frame = FrameEncoder("yuv420p", tags, len(picture)).convert(picture)
        expected = 16 + 219 * (40 + 160 * luma) / 255
        assert abs(np.frombuffer(frame.planes[0], np.uint8)[0] - expected) <= 1
