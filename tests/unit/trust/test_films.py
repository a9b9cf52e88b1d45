"""Films from strangers: none leads to other files or to the network, none takes all memory."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest

from tests.fuzz import seeds
from tfmatting.errors import TfmattingError
from tfmatting.video import checks
from tfmatting.video.reader import VideoReader

av = pytest.importorskip("av", reason="PyAV is an extra")

PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile {}\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:DASH:schema:MPD:2011" '
    'profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><BaseURL>{}</BaseURL></MPD>',
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=video 5004 RTP/AVP 96\n",
}


@pytest.mark.parametrize("suffix", [".mp4", ".m3u8", ".txt"])
@pytest.mark.parametrize("kind", PLAYLISTS)
def test_lists_of_other_films(tmp_path, kind, suffix):
    (tmp_path / "secret.mp4").write_bytes(seeds.stored("mp4"))
    for target in (tmp_path / "secret.mp4", "http://127.0.0.1:9/film.mp4"):
        path = tmp_path / f"list{suffix}"
        path.write_text(PLAYLISTS[kind].replace("{}", str(target)))
        with pytest.raises(TfmattingError, match="Received the text"):
            VideoReader(path)


def test_a_list_behind_a_zero(tmp_path):
    path = tmp_path / "list.mp4"
    for start in (b"\0", b"#EXTM3U\n\0", b"ffconcat version 1.0\n#\0\n"):
        path.write_bytes(start + PLAYLISTS["hls"].encode() + b"file secret.mp4\n")
        (tmp_path / "secret.mp4").write_bytes(seeds.stored("mp4"))
        with pytest.raises(TfmattingError, match="list.mp4"):
            VideoReader(path)


def motion_jpeg(side: int) -> bytes:
    """A film of one JPEG, whose own header states another size."""
    file = io.BytesIO()
    with av.open(file, "w", format="avi") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuvj420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    data = file.getvalue()
    place = data.index(b"\xff\xc0")
    data = data[: place + 5] + struct.pack(">HH", side, side) + data[place + 9 :]
    return data.replace(struct.pack("<II", 32, 32), struct.pack("<II", side, side))


@pytest.mark.parametrize("side", [9_000, 16_000, 60_000])
def test_pictures_of_absurd_sizes(tmp_path, side):
    (tmp_path / "film.avi").write_bytes(motion_jpeg(side))
    with pytest.raises(TfmattingError, match=r"film\.avi"):
        VideoReader(tmp_path / "film.avi")


def test_a_film_that_grows(tmp_path, monkeypatch):
    """The size is checked of every frame, not of the first alone."""
    (tmp_path / "film.mp4").write_bytes(seeds.stored("mp4"))
    with VideoReader(tmp_path / "film.mp4") as reader:
        assert len(list(reader.frames())) == 5
    monkeypatch.setattr(checks, "LARGEST_FRAME", 1000)
    with pytest.raises(TfmattingError, match="at most 0 million pixels"):
        VideoReader(tmp_path / "film.mp4")
