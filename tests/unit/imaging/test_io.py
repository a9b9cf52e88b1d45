import struct
import subprocess
import sys

import cv2
import numpy as np
import pytest

from tfmatting.imaging.io import (
    ImageError,
    list_images,
    read_alpha,
    read_image,
    read_rgba,
    write_image,
)
from tfmatting.imaging.opencv_log import SILENT, log, quiet_opencv

WARNING = 3
"""OpenCV's LOG_LEVEL_WARNING."""


@pytest.fixture
def photo():
    """A gradient whose corners tell how it was turned."""
    image = np.zeros((40, 60, 3), np.uint8)
    image[..., 0] = np.linspace(0, 255, 60)
    image[..., 1] = np.linspace(0, 255, 40)[:, None]
    return image


def with_exif_orientation(jpeg: bytes, orientation: int) -> bytes:
    tiff = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    body = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def test_png_round_trip_is_exact_and_rgb(tmp_path, photo):
    write_image(tmp_path / "a.png", photo)
    assert np.array_equal(read_image(tmp_path / "a.png"), photo)


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [(1, lambda x: x), (3, lambda x: x[::-1, ::-1]), (6, lambda x: np.rot90(x, -1)), (8, np.rot90)],
)
def test_exif_orientation_is_followed(tmp_path, photo, orientation, turn):
    write_image(tmp_path / "plain.jpg", photo)
    plain = read_image(tmp_path / "plain.jpg")
    data = with_exif_orientation((tmp_path / "plain.jpg").read_bytes(), orientation)
    (tmp_path / "turned.jpg").write_bytes(data)
    assert np.array_equal(read_image(tmp_path / "turned.jpg"), turn(plain))


def test_grey_and_sixteen_bit_become_rgb_of_eight(tmp_path, photo):
    grey = photo[..., 0]
    cv2.imwrite(str(tmp_path / "grey.png"), grey)
    cv2.imwrite(str(tmp_path / "deep.png"), grey.astype(np.uint16) * 257)
    for name in ("grey.png", "deep.png"):
        image = read_image(tmp_path / name)
        assert image.dtype == np.uint8
        assert np.array_equal(image, np.repeat(grey[..., None], 3, axis=2))


def test_transparency_is_laid_over_white(tmp_path):
    rgba = np.zeros((4, 4, 4), np.uint8)
    rgba[:, :2] = (200, 100, 0, 255)
    write_image(tmp_path / "a.png", rgba)
    image = read_image(tmp_path / "a.png")
    assert (image[:, :2] == (200, 100, 0)).all() and (image[:, 2:] == 255).all()
    assert np.array_equal(read_rgba(tmp_path / "a.png"), rgba)


def test_alpha_of_three_equal_channels_is_taken_and_a_photo_is_not(tmp_path, photo):
    grey = np.repeat(photo[..., :1], 3, axis=2)
    write_image(tmp_path / "grey.png", grey)
    assert np.array_equal(read_alpha(tmp_path / "grey.png"), photo[..., 0])
    write_image(tmp_path / "photo.png", photo)
    with pytest.raises(ImageError, match="differ by up to"):
        read_alpha(tmp_path / "photo.png")
    with pytest.raises(ImageError, match="channel 3"):
        read_alpha(tmp_path / "photo.png", channel=3)


def broken_files(folder, photo):
    (folder / "text.jpg").write_text("not a picture")
    (folder / "empty.png").touch()
    write_image(folder / "whole.jpg", photo)
    (folder / "truncated.jpg").write_bytes((folder / "whole.jpg").read_bytes()[:-300])
    return {"text.jpg": "Not a picture", "empty.png": "empty", "truncated.jpg": "truncated"}


def test_broken_files_are_named_with_their_fault(tmp_path, photo):
    for name, fault in broken_files(tmp_path, photo).items():
        with pytest.raises(ImageError, match=fault) as caught:
            read_image(tmp_path / name)
        assert name in str(caught.value)
    with pytest.raises(FileNotFoundError, match="missing.png"):
        read_image(tmp_path / "missing.png")
    with pytest.raises(ImageError, match="folder"):
        read_image(tmp_path)


def test_a_truncated_jpeg_with_a_thumbnail_is_still_found_out(tmp_path, photo):
    write_image(tmp_path / "a.jpg", photo)
    data = (tmp_path / "a.jpg").read_bytes()
    thumbnail = b"\xff\xe2" + struct.pack(">H", len(data) + 2) + data
    (tmp_path / "b.jpg").write_bytes(data[:2] + thumbnail + data[2:-300])
    with pytest.raises(ImageError, match="truncated"):
        read_image(tmp_path / "b.jpg")


def test_what_a_format_cannot_hold_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no transparency"):
        write_image(tmp_path / "a.jpg", np.zeros((2, 2, 4), np.uint8))
    with pytest.raises(ValueError, match="ends in"):
        write_image(tmp_path / "a.gif", np.zeros((2, 2, 3), np.uint8))
    assert not list(tmp_path.iterdir())


def test_pictures_are_listed_by_suffix(tmp_path, photo):
    for name in ("b.PNG", "a.jpeg"):
        write_image(tmp_path / name, photo)
    (tmp_path / "notes.txt").touch()
    assert [path.name for path in list_images(tmp_path)] == ["a.jpeg", "b.PNG"]


def test_opencv_keeps_its_own_log_level(tmp_path, photo):
    """A user's level survives the import, decoding, a broken file, and an exception."""
    before = log.getLogLevel()
    try:
        log.setLogLevel(WARNING)
        write_image(tmp_path / "a.png", photo)
        read_image(tmp_path / "a.png")
        (tmp_path / "bad.png").write_bytes((tmp_path / "a.png").read_bytes()[:60])
        with pytest.raises(ImageError):
            read_image(tmp_path / "bad.png")
        assert log.getLogLevel() == WARNING
        with pytest.raises(KeyError), quiet_opencv():
            assert log.getLogLevel() == SILENT
            raise KeyError
        assert log.getLogLevel() == WARNING
    finally:
        log.setLogLevel(before)


def test_a_broken_file_says_nothing_beside_its_error(tmp_path, capfd):
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 100)
    with pytest.raises(ImageError):
        read_image(tmp_path / "bad.png")
    assert capfd.readouterr().err == ""


def test_quiet_blocks_may_overlap_in_threads():
    """The first block to end must not restore the level while another one runs."""
    before = log.getLogLevel()
    first, second = quiet_opencv(), quiet_opencv()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert log.getLogLevel() == SILENT
    second.__exit__(None, None, None)
    assert log.getLogLevel() == before


def test_importing_the_package_leaves_opencvs_log_alone():
    code = """
import cv2
log = cv2 if hasattr(cv2, "setLogLevel") else cv2.utils.logging
before = log.getLogLevel()
import tfmatting
tfmatting.load, tfmatting.cutout
print(log.getLogLevel() == before)
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.stdout.strip() == "True", result.stderr
