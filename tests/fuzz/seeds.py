"""Small valid files of every kind that the package reads.

What takes TensorFlow or PyTorch to make lies in `seeds/`; `make_seeds.py` makes it anew.
"""

from __future__ import annotations

import functools
import io
import json
import zipfile
from pathlib import Path

import cv2
import numpy as np
from PIL import Image


def picture(kind: str, mode: str = "RGB", **options) -> bytes:
    """A picture of 24x16 pixels in one of Pillow's formats."""
    pixels = np.random.default_rng(4).integers(0, 256, (16, 24, 4)).astype(np.uint8)
    image = Image.fromarray(pixels).convert(mode)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@functools.cache
def pictures() -> list[bytes]:
    """One of each format that is read, with profiles, EXIF, palettes and deep colour."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    deep = np.random.default_rng(1).integers(0, 65536, (16, 24, 3)).astype(np.uint16)
    more = Image.new("RGB", (24, 16), (9, 90, 200))
    return [
        picture("JPEG", exif=exif),
        picture("JPEG", "CMYK"),
        picture("JPEG", progressive=True),
        picture("PNG", "RGBA", exif=exif, dpi=(72, 72)),
        picture("PNG", "P"),
        picture("WEBP", "RGBA", exif=exif),
        picture("WEBP", lossless=True),
        picture("TIFF", exif=exif),
        picture("TIFF", "LAB"),
        picture("TIFF", compression="tiff_lzw"),
        picture("BMP"),
        picture("GIF", "P", save_all=True, append_images=[more]),
        picture("PPM"),
        picture("JPEG2000"),
        picture("AVIF"),
        cv2.imencode(".png", deep)[1].tobytes(),
        cv2.imencode(".tiff", deep)[1].tobytes(),
        cv2.imencode(".tiff", deep.astype(np.float32) / 65535)[1].tobytes(),
    ]


STORED = Path(__file__).parent / "seeds"


@functools.cache
def stored(suffix: str) -> bytes:
    """The stored seed of a suffix, such as "keras"."""
    return (STORED / f"tiny.{suffix}").read_bytes()


@functools.cache
def keras_config() -> bytes:
    """The document inside a checkpoint."""
    with zipfile.ZipFile(io.BytesIO(stored("keras"))) as archive:
        return archive.read("config.json")


def with_config(config: bytes) -> bytes:
    """The checkpoint with another document."""
    file = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(stored("keras")))
    with source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            target.writestr(name, config if name == "config.json" else source.read(name))
    return file.getvalue()


def with_weights(weights: bytes) -> bytes:
    """The checkpoint with another HDF5 file of weights."""
    file = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(stored("keras")))
    with source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            target.writestr(name, weights if name == "model.weights.h5" else source.read(name))
    return file.getvalue()


@functools.cache
def weights() -> bytes:
    """The HDF5 file inside a checkpoint."""
    with zipfile.ZipFile(io.BytesIO(stored("keras"))) as archive:
        return archive.read("model.weights.h5")


def lists() -> list[bytes]:
    """Lists of pairs, as text and as JSON."""
    return [
        b"image/a.png alpha/a.png\nimage/b.png\talpha/b.png\n",
        b"image/a.png,alpha/a.png\r\n\r\nC:\\photos\\b.png,alpha/b.png\n",
        json.dumps(["image/a.png", "image/b.png"]).encode(),
    ]
