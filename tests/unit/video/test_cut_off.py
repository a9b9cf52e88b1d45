"""Matroska, WebM and GIF that end too early are told from whole ones, whatever follows those."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.unit.video.conftest import BrightPredictor, write_video
from tfmatting.video.cut_off import is_cut_off
from tfmatting.video.matte import matte_video
from tfmatting.video.reader import VideoReader

PADDING = (b"", bytes(5000), b"\n", b"A", b"\xff" * 100, b"junk after the end", bytes(range(256)))
MATROSKA = "matroska,webm"
CLUSTER = b"\x1f\x43\xb6\x75"
UNKNOWN = b"\x01" + b"\xff" * 7


def write_gif(path, frames=20):
    noise = np.random.default_rng(0).integers(0, 256, (frames, 48, 64, 3)).astype(np.uint8)
    first, *others = map(Image.fromarray, noise)
    first.save(path, save_all=True, append_images=others, duration=40)
    return path


def without_cluster_sizes(path):
    """As browsers record: a cluster says nothing of its end."""
    start, *clusters = path.read_bytes().split(CLUSTER)
    clusters = [UNKNOWN + one[9 - one[0].bit_length() :] for one in clusters]
    path.write_bytes(CLUSTER.join([start, *clusters]))
    return path


def make(folder, kind):
    if kind == "a.gif":
        return write_gif(folder / kind)
    options = {} if kind in ("a.mkv", "a.webm") else {"live": "1"}
    codec = "libvpx-vp9" if kind == "a.webm" else "libx264"
    path = write_video(
        folder / kind, 16, codec=codec, sound=False, noise=True, container_options=options
    )
    return without_cluster_sizes(path) if kind == "browser.mkv" else path


KINDS = ["a.mkv", "a.webm", "live.mkv", "browser.mkv", "a.gif"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_film_that_is_cut_off_is_told_from_a_whole_one(tmp_path, kind):
    path = make(tmp_path, kind)
    data, name = path.read_bytes(), "gif" if kind == "a.gif" else MATROSKA
    for padding in PADDING:
        path.write_bytes(data + padding)
        assert not is_cut_off(path, name), padding[:5]
    for end in range(len(data) // 3, len(data), len(data) // 40):
        path.write_bytes(data[:end])
        assert is_cut_off(path, name), end
    assert not is_cut_off(path, "mov,mp4") and not is_cut_off(path, "avi")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_cut_off_is_written_and_reported(tmp_path, kind):
    path = make(tmp_path, kind)
    options = {"model": BrightPredictor(), "background": "white"}
    assert matte_video(path, tmp_path / "whole.mp4", **options).problems == []
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 9 // 10])
    report = matte_video(path, tmp_path / "out.mp4", **options)
    assert 5 < report.frames < 20 and "the file is cut off, after " in report.problems[-1]


def test_headers_alone_are_read(tmp_path, monkeypatch):
    path = make(tmp_path, "browser.mkv")
    read = []

    class Counted(io.FileIO):
        def read(self, size=-1, /):
            read.append(size)
            return super().read(size)

    monkeypatch.setattr(type(path), "open", lambda self, *_, **__: Counted(self))
    assert not is_cut_off(path, MATROSKA)
    assert len(read) < 60 and sum(read) < path.stat().st_size / 10


@pytest.mark.parametrize("data", [b"", b"\x1a", b"\x1a\x45\xdf\xa3", b"GIF89a", b"no film at all"])
def test_other_bytes_are_for_ffmpeg_to_judge(tmp_path, data):
    path = tmp_path / "a"
    path.write_bytes(data)
    assert not is_cut_off(path, MATROSKA) and not is_cut_off(path, "gif")


def test_what_is_left_out_at_the_end_is_said_once(tmp_path):
    path = make(tmp_path, "a.mkv")
    path.write_bytes(path.read_bytes()[:-2000])
    with VideoReader(path) as reader:
        assert list(reader.frames()) and len(reader.problems) == 1
