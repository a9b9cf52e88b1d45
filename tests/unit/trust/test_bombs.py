"""Small files that state to be huge are refused by a stated limit, before memory is taken."""

from __future__ import annotations

import io
import resource
import struct
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from tests.fuzz import seeds
from tfmatting.archives import ArchiveError, open_archive
from tfmatting.checkpoints.backbone_sources import read_npz
from tfmatting.errors import TfmattingError
from tfmatting.imaging.class_maps import read_class_map
from tfmatting.imaging.io import read_photo
from tfmatting.inference import load
from tfmatting.models import read_metadata

SIDE = 60_000
MEMORY = 300_000_000
"""Bytes that refusing a file may take."""


@pytest.fixture(autouse=True)
def little_memory():
    """The highest use of memory must not rise by more than `MEMORY`."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY / 1024


def png(data: bytes) -> bytes:
    header = data[12:16] + struct.pack(">II", SIDE, SIDE) + data[24:29]
    return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]


def gif(data: bytes) -> bytes:
    place = data.index(b"\x2c\0\0\0\0")
    size = struct.pack("<HH", SIDE, SIDE)
    return data[:6] + size + data[10 : place + 5] + size + data[place + 9 :]


def bmp(data: bytes) -> bytes:
    return data[:18] + struct.pack("<ii", SIDE, SIDE) + data[26:]


def jpeg(data: bytes) -> bytes:
    place = next(data.index(mark) for mark in (b"\xff\xc0", b"\xff\xc2") if mark in data)
    return data[: place + 5] + struct.pack(">HH", SIDE, SIDE) + data[place + 9 :]


def ppm(data: bytes) -> bytes:
    return data.replace(b"24 16", b"%d %d" % (SIDE, SIDE))


def tiff(data: bytes) -> bytes:
    for tag, side in ((256, 24), (257, 16)):
        for kind in (3, 4):
            entry = struct.pack("<HHI", tag, kind, 1)
            data = data.replace(entry + struct.pack("<I", side), struct.pack(
                "<HHII", tag, 4, 1, SIDE))  # fmt: skip
    return data


def jpeg2000(data: bytes) -> bytes:
    data = data.replace(struct.pack(">II", 16, 24), struct.pack(">II", SIDE, SIDE))
    return data.replace(struct.pack(">II", 24, 16), struct.pack(">II", SIDE, SIDE))


def avif(data: bytes) -> bytes:
    return data.replace(struct.pack(">II", 24, 16), struct.pack(">II", SIDE, SIDE))


def webp(data: bytes) -> bytes:
    place = data.index(b"VP8X")
    return data[: place + 12] + b"\xff\xff\xff\xff\xff\xff" + data[place + 18 :]


BOMBS = {
    "PNG": png,
    "GIF": gif,
    "BMP": bmp,
    "JPEG": jpeg,
    "PPM": ppm,
    "TIFF": tiff,
    "JPEG2000": jpeg2000,
    "AVIF": avif,
    "WEBP": webp,
}


def bomb(kind: str) -> bytes:
    options = {"exif": Image.Exif()} if kind == "WEBP" else {}
    if kind == "WEBP":
        options["exif"][0x010F] = "Maker"
    plain = seeds.picture(kind, "P" if kind == "GIF" else "RGB", **options)
    changed = BOMBS[kind](plain)
    assert changed != plain
    return changed


@pytest.mark.parametrize("kind", BOMBS)
def test_pictures(tmp_path, kind):
    (tmp_path / "p").write_bytes(bomb(kind))
    limit = "at most 500 million pixels" if kind not in ("AVIF", "WEBP") else "damaged"
    with pytest.raises(TfmattingError, match=limit):
        read_photo(tmp_path / "p")


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "GIF"])
def test_maps_of_classes(tmp_path, kind):
    (tmp_path / "p").write_bytes(bomb(kind))
    with pytest.raises(TfmattingError, match="at most 500 million pixels"):
        read_class_map(tmp_path / "p")


def test_a_text_and_a_profile_inside_a_picture(tmp_path):
    """40 kB that unpack to 40 MB each."""
    packed = zlib.compress(bytes(40_000_000), 9)
    data = seeds.picture("PNG")
    for kind, start in ((b"zTXt", b"a\0\0"), (b"iCCP", b"a\0\0")):
        chunk = kind + start + packed
        whole = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        (tmp_path / "p.png").write_bytes(data[:33] + whole + data[33:])
        try:
            assert read_photo(tmp_path / "p.png").pixels.shape == (16, 24, 3)
        except TfmattingError as error:
            assert "p.png" in str(error)


def packed(path, name: str, size: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, bytes(size))


@pytest.mark.parametrize(
    ("name", "read"),
    [("config.json", read_metadata), ("a.npy", lambda path: read_npz(str(path)))],
)
def test_archives(tmp_path, name, read):
    path = tmp_path / "bomb.keras"
    packed(path, name, 70_000_000)
    assert path.stat().st_size < 100_000
    with pytest.raises(TfmattingError, match=r"bomb\.keras"):
        read(path)
    with pytest.raises(ArchiveError, match="70,000,000"), open_archive(path):
        pass


def test_an_archive_with_too_long_a_description(tmp_path):
    packed(tmp_path / "m.keras", "config.json", 17_000_000)
    with pytest.raises(TfmattingError, match="at most 16,000,000 bytes"):
        read_metadata(tmp_path / "m.keras")


def test_an_array_that_states_more_than_it_has(tmp_path):
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        file, {"descr": "<f4", "fortran_order": False, "shape": (10**5, 10**7)}
    )
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("a.npy", file.getvalue() + bytes(100))
    with pytest.raises(TfmattingError, match=r"a\.npz"):
        read_npz(str(tmp_path / "a.npz"))


def test_a_tensor_that_repeats_one_number(tmp_path):
    torch = pytest.importorskip("torch", reason="PyTorch is an extra")
    from tfmatting.checkpoints.pytorch import read_state_dict

    torch.save({"a": torch.ones(1, dtype=torch.half).expand(10**6, 10**6)}, tmp_path / "a.pth")
    with pytest.raises(TfmattingError, match="plain tensors"):
        read_state_dict(tmp_path / "a.pth")


def tflite_with(change) -> bytes:
    from tfmatting.exporting.tflite.flatbuffer import read_tree, write_tree

    tree = read_tree(seeds.stored("tflite"))
    change(tree.subgraphs[0])
    return write_tree(tree)


@pytest.mark.parametrize("place", ["input", "inside"])
def test_tensors_of_absurd_shapes(tmp_path, place):
    def grow(graph):
        index = graph.inputs[0] if place == "input" else graph.operators[3].outputs[0]
        graph.tensors[index].shape = [1, 100_000, 100_000, 3]

    (tmp_path / "m.tflite").write_bytes(tflite_with(grow))
    with pytest.raises(TfmattingError, match="at most 268,435,456 elements"):
        load(tmp_path / "m.tflite")


def test_a_tree_of_too_many_tables(tmp_path, monkeypatch):
    from tfmatting.exporting.compatibility.lint import lint
    from tfmatting.exporting.tflite import flatbuffer

    (tmp_path / "m.tflite").write_bytes(seeds.stored("tflite"))
    lint(tmp_path / "m.tflite")
    monkeypatch.setattr(flatbuffer, "MOST_TABLES", 20)
    with pytest.raises(TfmattingError, match="at most 20"):
        lint(tmp_path / "m.tflite")


def test_networks_of_absurd_inputs(tmp_path):
    onnx = pytest.importorskip("onnx")
    model = onnx.load_from_string(seeds.stored("onnx"))
    for side in (1, 2):
        for value in (model.graph.input[0], model.graph.output[0]):
            value.type.tensor_type.shape.dim[side].dim_value = 100_000
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    text = seeds.stored("pbtxt").replace(b"size: 16", b"size: 99999")
    (tmp_path / "m.pbtxt").write_bytes(text)
    (tmp_path / "m.pb").write_bytes(seeds.stored("pb"))
    with pytest.raises(TfmattingError, match="at most 67 million pixels"):
        load(tmp_path / "m.onnx")
    with pytest.raises(TfmattingError, match="no input `image`"):
        load(tmp_path / "m.pb")
