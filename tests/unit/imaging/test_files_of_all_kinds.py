"""Every kind of photo file: orientation, depth, transparency, profile, what stands behind it."""

import io
import struct
import subprocess
import sys
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, TiffImagePlugin

from tests.icc import matrix_profile
from tfmatting.errors import InputError
from tfmatting.imaging.io import ImageError, read_image, read_photo, write_image
from tfmatting.imaging.photo_files.colour_profile import ColourProfile
from tfmatting.imaging.photo_files.jpeg import find_end
from tfmatting.imaging.photo_files.photo import Metadata
from tfmatting.imaging.photo_files.reading import LARGEST, decode_photo
from tfmatting.imaging.photo_files.writing import encode_image

HEIGHT, WIDTH = 32, 48
TURNS = {
    1: lambda x: x,
    2: lambda x: x[:, ::-1],
    3: lambda x: x[::-1, ::-1],
    4: lambda x: x[::-1],
    5: lambda x: x.swapaxes(0, 1),
    6: lambda x: np.rot90(x, -1),
    7: lambda x: np.rot90(x, 2).swapaxes(0, 1),
    8: np.rot90,
}
"""What a viewer does to the stored pixels (Exif 2.3, tag 0x0112)."""


def scene() -> np.ndarray:
    """Smooth, and different in every corner."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[..., 0] = np.linspace(20, 230, WIDTH)
    image[..., 1] = np.linspace(10, 240, HEIGHT)[:, None]
    image[..., 2] = 90
    return image


def opacity() -> np.ndarray:
    return np.linspace(0, 255, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH).astype(np.uint8)


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010F] = "Camera maker"
    block[0x0132] = "2026:11:25 10:00:00"
    return block.tobytes()


def encode(picture: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    best = {
        "JPEG": {"quality": 98, "subsampling": 0},
        "WEBP": {"lossless": True},
        "AVIF": {"quality": 100, "subsampling": "4:4:4"},
    }
    options = {**best.get(kind, {}), **options}
    picture.save(file, kind, **options)
    return file.getvalue()


def deep_png(orientation: int, channels: int) -> bytes:
    values = np.dstack([scene(), opacity()])[..., :channels].astype(np.uint16) * 257
    code = cv2.COLOR_RGB2BGR if channels == 3 else cv2.COLOR_RGBA2BGRA
    png = cv2.imencode(".png", cv2.cvtColor(values, code))[1].tobytes()
    body = exif(orientation).removeprefix(b"Exif\0\0")
    chunk = b"eXIf" + body
    chunk = struct.pack(">I", len(body)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return png[:33] + chunk + png[33:]


def deep_tiff(orientation: int, channels: int) -> bytes:
    """An uncompressed TIFF of 16 bits, in one strip (TIFF 6.0, section 6)."""
    values = np.dstack([scene(), opacity()])[..., :channels].astype("<u2") * 257
    depths, pixels = struct.pack(f"<{channels}H", *[16] * channels), values.tobytes()
    tags = [
        (256, 3, 1, WIDTH),
        (257, 3, 1, HEIGHT),
        (258, 3, channels, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 1, 8 + len(depths)),
        (274, 3, 1, orientation),
        (277, 3, 1, channels),
        (278, 3, 1, HEIGHT),
        (279, 4, 1, len(pixels)),
        *([(338, 3, 1, 2)] if channels == 4 else []),
    ]
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *t) for t in tags)
    start = 8 + len(depths) + len(pixels)
    return b"II*\0" + struct.pack("<I", start) + depths + pixels + directory + b"\0" * 4


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *(("JPEG", mode) for mode in ("RGB", "L")),
        *((kind, mode) for kind in ("PNG", "WEBP", "TIFF") for mode in ("RGB", "RGBA")),
        *((kind, mode) for kind in ("PNG", "TIFF") for mode in ("L", "LA", "I;16")),
        *(("AVIF", mode) for mode in ("RGB", "RGBA")),
        *((kind, mode) for kind in ("deep PNG", "deep TIFF") for mode in ("RGB", "RGBA")),
    ],
)
def test_all_orientations_of_all_modes_come_out_upright(orientation, kind, mode):
    grey = scene()[..., 0]
    if kind.startswith("deep"):
        data = (deep_png if "PNG" in kind else deep_tiff)(orientation, len(mode))
        expected = scene()
    else:
        stored = {
            "RGB": scene(),
            "RGBA": np.dstack([scene(), opacity()]),
            "L": grey,
            "LA": np.dstack([grey, opacity()]),
            "I;16": grey.astype(np.uint16) * 257,
        }[mode]
        picture = Image.fromarray(stored)
        assert picture.mode == mode
        data = encode(picture, kind, exif=exif(orientation))
        expected = scene() if mode in ("RGB", "RGBA") else np.repeat(grey[..., None], 3, axis=2)
    photo = decode_photo(data, "x")
    turn = TURNS[orientation]
    lossy = 6 if kind in ("JPEG", "AVIF") else 0
    if mode in ("RGBA", "LA"):
        assert np.abs(photo.opacity.astype(int) - turn(opacity())).max() <= lossy
        # clear pixels may lose their colours
        shown = turn(opacity()) > 128
    else:
        assert photo.opacity is None
        shown = np.ones(turn(grey).shape, bool)
    difference = np.abs(photo.pixels.astype(int) - turn(expected))
    assert photo.pixels.shape == turn(expected).shape
    assert difference[shown].max() <= lossy


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
def test_orientation_is_not_applied_twice_and_the_rest_of_exif_is_kept(tmp_path, suffix):
    photo = decode_photo(
        encode(Image.fromarray(scene()), "JPEG", exif=exif(6), dpi=(300, 300)), "x"
    )
    write_image(tmp_path / f"a{suffix}", photo.pixels, photo.metadata)
    again = read_photo(tmp_path / f"a{suffix}")
    assert again.pixels.shape == (WIDTH, HEIGHT, 3)
    with Image.open(tmp_path / f"a{suffix}") as written:
        block = written.getexif()
        assert block.get(0x0112, 1) == 1
        assert block[0x010F] == "Camera maker" and block[0x0132] == "2026:11:25 10:00:00"
        if suffix != ".webp":  # it has no place for it
            assert written.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def wide_profile(**changes) -> bytes:
    """A profile like Display P3: wider primaries, the curve of sRGB."""
    return matrix_profile(**changes)


def test_colours_are_read_through_the_profile_and_the_output_carries_it(tmp_path):
    profile = ColourProfile(wide_profile())
    red = np.full((8, 8, 3), (200, 60, 60), np.uint8)
    stored = profile.from_srgb(red)
    assert stored[0, 0, 0] < 195  # the same red is a smaller number in the wider space
    data = encode(Image.fromarray(stored), "PNG", icc_profile=profile.data)
    (tmp_path / "wide.png").write_bytes(data)
    assert np.abs(read_image(tmp_path / "wide.png").astype(int) - red).max() <= 2
    photo = read_photo(tmp_path / "wide.png")
    assert np.array_equal(photo.pixels, stored)
    for suffix in (".png", ".jpg", ".webp", ".tif"):
        write_image(tmp_path / f"out{suffix}", photo.pixels, photo.metadata)
        with Image.open(tmp_path / f"out{suffix}") as written:
            assert written.info["icc_profile"] == profile.data
    write_image(tmp_path / "out.bmp", photo.pixels, photo.metadata)  # it holds no profile
    assert np.abs(read_image(tmp_path / "out.bmp").astype(int) - red).max() <= 2


def test_an_srgb_profile_changes_nothing():
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert ColourProfile(data).is_srgb
    photo = decode_photo(encode(Image.fromarray(scene()), "PNG", icc_profile=data), "x")
    assert photo.profile is None and np.array_equal(photo.pixels, scene())


@pytest.mark.parametrize("data", [b"no profile", b"\0" * 200])
def test_a_damaged_profile_is_left_out(data):
    photo = decode_photo(encode(Image.fromarray(scene()), "PNG", icc_profile=data), "x")
    assert photo.profile is None and np.array_equal(photo.pixels, scene())


def test_a_profile_of_another_kind_of_picture_is_left_out():
    grey = encode(Image.fromarray(scene()[..., 0]), "PNG", icc_profile=wide_profile())
    photo = decode_photo(grey, "x")
    assert photo.profile is None
    assert np.array_equal(photo.pixels[..., 0], scene()[..., 0])


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (Image.new("CMYK", (8, 8), (0, 255, 255, 0)), (255, 0, 0)),
        (Image.new("1", (8, 8), 1), (255, 255, 255)),
        (Image.new("RGB", (8, 8), (10, 200, 30)).quantize(4), (10, 200, 30)),
        (Image.fromarray(np.full((8, 8), 0.5, np.float32)), (128, 128, 128)),
        (Image.new("LAB", (8, 8), (255, 128, 128)), (255, 255, 255)),
    ],
)
def test_other_modes_become_rgb(picture, expected):
    kind = {"F": "TIFF", "LAB": "TIFF", "CMYK": "TIFF"}.get(picture.mode, "PNG")
    photo = decode_photo(encode(picture, kind), "x")
    assert np.abs(photo.pixels[4, 4].astype(int) - expected).max() <= 2


def test_transparency_of_a_palette_is_read():
    picture = Image.new("P", (8, 8), 1)
    picture.putpalette([0, 0, 0, 250, 20, 20])
    picture.putpixel((0, 0), 0)
    data = encode(picture, "PNG", transparency=0)
    photo = decode_photo(data, "x")
    assert photo.opacity[0, 0] == 0 and photo.opacity[4, 4] == 255
    assert photo.pixels[4, 4].tolist() == [250, 20, 20]


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_taken_and_that_is_said(kind):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "lime", "blue")]
    file = io.BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:], lossless=True)
    photo = decode_photo(file.getvalue(), "x")
    assert photo.pixels[4, 4].tolist() == [255, 0, 0] and photo.notes == ("the first of 3 frames",)


@pytest.mark.parametrize(("low", "high"), [(0.0, 40.0), (-1.0, 1.0), (0.0, np.nan)])
def test_a_float_image_outside_0_to_1_is_refused(low, high):
    values = np.full((8, 8), low, np.float32)
    values[4:] = high
    with pytest.raises(ImageError, match="between 0 and 1"):
        decode_photo(encode(Image.fromarray(values), "TIFF"), "x.tif")


def jpeg_with_thumbnail(behind: bytes = b"") -> tuple[bytes, bytes]:
    """A JPEG with another in its EXIF block, and something behind its end."""
    whole = encode(Image.fromarray(scene()), "JPEG")
    thumbnail = b"\xff\xe2" + struct.pack(">H", len(whole) + 2) + whole
    inner = whole[:2] + thumbnail + whole[2:]
    return inner, inner + behind


FILM = b"\0\0\0\x20ftypisom" + bytes(range(256)) * 8 + b"\xff\xd8\xff\xda\xff\xd9" * 3


@pytest.mark.parametrize("behind", [b"", b"\0" * 999, FILM, FILM + b"\xff\xda", b"\xff" * 40])
def test_what_stands_behind_a_jpeg_is_no_fault_and_a_cut_before_it_is(behind):
    inner, data = jpeg_with_thumbnail(behind)
    assert np.abs(decode_photo(data, "x").pixels.astype(int) - scene()).max() <= 6
    assert find_end(data) == len(inner)
    for cut in (len(inner) - 1, len(inner) - 200, 30):
        with pytest.raises(ImageError, match="truncated"):
            decode_photo(inner[:cut], "x")


@given(st.binary(max_size=300))
def test_the_marker_walk_ends_on_any_bytes(data):
    end = find_end(b"\xff\xd8" + data)
    assert end is None or 2 < end <= len(data) + 2
    assert find_end(data) is None or data.startswith(b"\xff\xd8")


@given(st.integers(0, 10_000), st.binary(max_size=50))
def test_the_marker_walk_finds_the_end_of_any_jpeg_and_of_no_part_of_it(cut, behind):
    inner, _ = jpeg_with_thumbnail()
    assert find_end(inner + behind) == len(inner)
    if cut < len(inner):
        assert find_end(inner[:cut]) is None


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF", "PPM", "JPEG2000"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_truncated_files_of_all_formats_are_refused_in_one_line(kind, part):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    picture = Image.fromarray(noise)
    data = encode(picture.quantize(32) if kind == "GIF" else picture, kind)
    with pytest.raises(ImageError, match="x.image") as caught:
        decode_photo(data[: int(len(data) * part)], "x.image")
    assert "\n" not in str(caught.value)


def png_header(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\x08IDAT" + b"\0" * 12


def test_a_header_that_declares_too_much_is_refused_and_pillows_limit_is_left_alone():
    before = Image.MAX_IMAGE_PIXELS
    with pytest.raises(ImageError, match="at most 500 million pixels"):
        decode_photo(png_header(30_000, 30_000), "bomb.png")
    assert before == Image.MAX_IMAGE_PIXELS and LARGEST == 500_000_000


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("a.webp", (2, 16_384), "at most 16383"),
        ("a.jpg", (65_501, 1), "at most 65500"),
        ("a.gif", (4, 4), "ends in"),
    ],
)
def test_what_a_format_cannot_hold_is_refused(name, shape, message):
    with pytest.raises(InputError, match=message):
        encode_image(name, np.zeros((*shape, 3), np.uint8))


def test_a_grey_output_carries_no_colour_profile():
    metadata = Metadata(ColourProfile(wide_profile()), exif(1), (72, 72))
    data = encode_image("matte.png", opacity(), metadata)
    with Image.open(io.BytesIO(data)) as written:
        assert "icc_profile" not in written.info and written.mode == "L"
        assert written.getexif()[0x010F] == "Camera maker"


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"8BPS\0\1", "Photoshop"),
        (b"%PDF-1.7", "PDF"),
        (b"\0\0\0\x18ftypmp42", "a video"),
        (b"\xff\x0a\x01\x02", "JPEG XL"),
    ],
)
def test_files_of_other_kinds_are_named(tmp_path, head, what):
    (tmp_path / "a.jpg").write_bytes(head + b"\0" * 40)
    with pytest.raises(ImageError, match=what):
        read_image(tmp_path / "a.jpg")


def test_damaged_exif_does_no_harm():
    data = encode(Image.fromarray(scene()), "JPEG")
    body = b"Exif\0\0II*\0\xff\xff\xff\xff" + b"\xaa" * 60
    damaged = data[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[2:]
    photo = decode_photo(damaged, "x")
    assert photo.pixels.shape == (HEIGHT, WIDTH, 3) and photo.metadata.exif is None


def test_heic_is_read_with_its_extra(tmp_path):
    pillow_heif = pytest.importorskip("pillow_heif", reason="the extra heif is not installed")
    file = pillow_heif.from_pillow(Image.fromarray(scene()))
    file.save(tmp_path / "a.heic", quality=95)
    photo = read_photo(tmp_path / "a.heic")
    assert np.abs(photo.pixels.astype(int) - scene()).mean() <= 6


def test_heic_without_its_extra_is_an_error_that_names_it(tmp_path):
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40)
    code = f"""
import sys
sys.modules["pillow_heif"] = None
from tfmatting.imaging.io import read_image
read_image({str(tmp_path / "a.heic")!r})
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert "pip install 'tfmatting[heif]'" in result.stderr.splitlines()[-1]


def test_sixteen_bits_are_rounded_not_cut_off():
    values = np.arange(65_536, dtype=np.uint16).reshape(256, 256)
    colour = np.dstack([values] * 3)
    for data in (
        encode(Image.fromarray(values), "PNG"),
        encode(Image.fromarray(values), "TIFF"),
        cv2.imencode(".png", colour)[1].tobytes(),
        cv2.imencode(".tiff", colour)[1].tobytes(),
    ):
        expected = np.round(values / 257).astype(np.uint8)
        assert np.array_equal(decode_photo(data, "x").pixels[..., 1], expected)


def test_a_page_of_a_tiff_is_named():
    pages = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    file = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(file) as writer:
        for page in pages:
            page.save(writer, "TIFF")
            writer.newFrame()
    assert decode_photo(file.getvalue(), "x").notes == ("the first of 2 pages",)


@pytest.mark.parametrize(("kind", "mode"), [("JPEG2000", "RGB"), ("PPM", "RGB"), ("PPM", "L")])
def test_formats_that_are_only_read(tmp_path, kind, mode):
    picture = Image.fromarray(scene()).convert(mode)
    options = {"irreversible": False} if kind == "JPEG2000" else {}
    (tmp_path / "photo.any").write_bytes(encode(picture, kind, **options))
    found = read_photo(tmp_path / "photo.any").pixels
    assert np.array_equal(found, np.asarray(picture.convert("RGB")))


def test_deep_channels_one_after_the_other_are_refused(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    planes = scene().transpose(2, 0, 1).astype(np.uint16) * 257
    path = tmp_path / "planes.tif"
    tifffile.imwrite(path, planes, planarconfig="separate", photometric="rgb")
    with pytest.raises(ImageError, match="one after the other"):
        read_photo(path)
    tifffile.imwrite(path, planes.astype(np.uint8), planarconfig="separate", photometric="rgb")
    assert np.array_equal(read_photo(path).pixels, scene())
