"""Photos of rarer kinds: each comes out right, or one line says why it does not."""

import struct
import zlib

import cv2
import numpy as np
import pytest

from tests.unit.imaging.test_files_of_all_kinds import HEIGHT, WIDTH, opacity, scene
from tfmatting.imaging.io import ImageError, read_photo
from tfmatting.imaging.photo_files.reading import decode_photo

tifffile = pytest.importorskip("tifffile", reason="it comes with scikit-image")
DEEP = np.uint16(257)
GREY = scene()[..., 0]
PLANES = np.float32(scene().transpose(2, 0, 1) / 255)


def premultiplied():
    alpha = opacity()[..., None].astype(np.float32) / 255
    colours = scene().astype(np.float32) * 257 * alpha
    return np.dstack([np.rint(colours).astype(np.uint16), opacity() * DEEP])


@pytest.mark.parametrize(
    ("pixels", "options"),
    [
        (scene().astype(np.float32) / 255, {"photometric": "rgb"}),
        (scene().astype(np.float64) / 255, {"photometric": "rgb"}),
        (scene() * DEEP, {"photometric": "rgb", "byteorder": ">"}),
        (scene() * DEEP, {"photometric": "rgb", "bigtiff": True, "tile": (16, 16)}),
        (np.dstack([scene(), 0 * GREY]) * DEEP, {"photometric": "rgb", "extrasamples": [0]}),
        (np.dstack([255 - scene(), 0 * GREY]) * DEEP, {"photometric": "separated"}),
    ],
    ids=["float", "double", "big-endian", "tiles of a BigTIFF", "not alpha", "CMYK of 16 bits"],
)
def test_deep_tiffs_of_every_colour_kind(tmp_path, pixels, options):
    tifffile.imwrite(tmp_path / "a.tif", pixels, **options)
    photo = read_photo(tmp_path / "a.tif")
    assert photo.opacity is None
    assert np.abs(photo.pixels.astype(int) - scene()).max() <= 1


@pytest.mark.parametrize("extra", ["unassalpha", "assocalpha"])
def test_alpha_of_a_deep_tiff_is_meant_as_it_says(tmp_path, extra):
    whole = np.dstack([scene(), opacity()]) * DEEP
    pixels = premultiplied() if extra == "assocalpha" else whole
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="rgb", extrasamples=[extra])
    photo = read_photo(tmp_path / "a.tif")
    assert np.array_equal(photo.opacity, opacity())
    seen = opacity() > 8
    assert np.abs(photo.pixels.astype(int) - scene())[seen].max() <= 1


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_tiff_may_say_that_0_is_white(tmp_path, depth):
    stored = (255 - GREY).astype(depth) * depth(np.iinfo(depth).max // 255)
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="miniswhite")
    assert np.array_equal(read_photo(tmp_path / "a.tif").pixels[..., 0], GREY)


def grey_of_12_bits() -> bytes:
    """Two pixels in three bytes (TIFF 6.0, section 3: bits follow each other)."""
    values = (GREY.astype(np.uint32) * 4095 + 127) // 255
    left, right = values[:, 0::2], values[:, 1::2]
    rows = np.stack([left >> 4, (left & 15) << 4 | right >> 8, right & 255], axis=-1)
    pixels = rows.astype(np.uint8).tobytes()
    tags = [(256, 3, WIDTH), (257, 3, HEIGHT), (258, 3, 12), (259, 3, 1), (262, 3, 1), (273, 4, 8)]
    tags += [(277, 3, 1), (278, 3, HEIGHT), (279, 4, len(pixels))]
    directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    start = struct.pack("<I", 8 + len(pixels))
    return b"II*\0" + start + pixels + struct.pack("<H", len(tags)) + directory + b"\0" * 4


def test_grey_of_12_bits_is_as_bright_as_of_8():
    found = decode_photo(grey_of_12_bits(), "x").pixels[..., 0]
    assert np.abs(found.astype(int) - GREY).max() <= 1


@pytest.mark.parametrize(
    ("pixels", "options", "message"),
    [
        ((scene() / 255).astype(np.float16), {"photometric": "rgb"}, r"3 channel\(s\) of 16 bits"),
        (np.dstack([GREY, opacity()]) * DEEP, {"extrasamples": ["unassalpha"]}, "2 channel"),
        (PLANES, {"planarconfig": "separate", "photometric": "rgb"}, "planar"),
        (scene().astype(np.float32), {"photometric": "rgb"}, "between 0 and 1"),
    ],
)
def test_tiffs_that_nobody_reads_are_named(tmp_path, pixels, options, message):
    tifffile.imwrite(tmp_path / "a.tif", pixels, **options)
    with pytest.raises(ImageError, match=message):
        read_photo(tmp_path / "a.tif")


def png(bits: int, colour: int, rows: list[bytes], *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG by hand, for what encoders do not write (PNG, third edition, section 5)."""
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, bits, colour, 0, 0, 0)
    image = zlib.compress(b"".join(b"\0" + row for row in rows))
    file = b"\x89PNG\r\n\x1a\n"
    for name, body in ((b"IHDR", header), *chunks, (b"IDAT", image), (b"IEND", b"")):
        check = struct.pack(">I", zlib.crc32(name + body))
        file += struct.pack(">I", len(body)) + name + body + check
    return file


def test_one_clear_level_of_a_deep_grey_png():
    values = GREY.astype(">u2") * DEEP
    values[:, :10] = 1234
    rows = [row.astype(">u2").tobytes() for row in values]
    photo = decode_photo(png(16, 0, rows, (b"tRNS", struct.pack(">H", 1234))), "x")
    assert not photo.opacity[:, :10].any() and photo.opacity[:, 10:].min() == 255
    assert np.array_equal(photo.pixels[:, 10:, 1], GREY[:, 10:])


def test_a_palette_of_4_bits_with_half_transparent_entries():
    index = np.tile(np.arange(WIDTH) % 3, (HEIGHT, 1)).astype(np.uint8)
    rows = [(row[0::2] << 4 | row[1::2]).tobytes() for row in index]
    palette = (b"PLTE", bytes([0, 0, 0, 250, 20, 20, 10, 200, 30]))
    photo = decode_photo(png(4, 3, rows, palette, (b"tRNS", bytes([0, 128]))), "x")
    assert photo.opacity[0, :3].tolist() == [0, 128, 255]
    assert photo.pixels[0, 1].tolist() == [250, 20, 20]


def test_grey_with_alpha_of_16_bits():
    rows = [row.astype(">u2").tobytes() for row in np.dstack([GREY, opacity()]).astype(">u2") * 257]
    photo = decode_photo(png(16, 4, rows), "x")
    assert np.array_equal(photo.opacity, opacity())
    assert np.array_equal(photo.pixels, np.repeat(GREY[..., None], 3, axis=2))


def test_a_png_may_hold_megabytes_of_text():
    """An editor's XMP, compressed: the pixels are as good as ever."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    text = zlib.compress(b"<x:xmpmeta/>" * 250_000)
    xmp = chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + text)
    plain = cv2.imencode(".png", scene()[..., ::-1])[1].tobytes()
    header = 8 + 25  # the signature and the first chunk
    np.testing.assert_array_equal(
        decode_photo(plain[:header] + xmp + plain[header:], "a.png").pixels, scene()
    )
