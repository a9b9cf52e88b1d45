"""EXIF orientation inside a graph, against Pillow's."""

import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageOps

from tfmatting.exporting.graph.orientation import exif_orientation, upright

PICTURE = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
READ = tf.function(exif_orientation, input_signature=[tf.TensorSpec((), tf.string)])


def jpeg(exif=b"", **options):
    file = io.BytesIO()
    Image.fromarray(PICTURE).save(file, "JPEG", exif=exif, **options)
    return file.getvalue()


def exif_of(orientation, endian="<"):
    exif = Image.Exif()
    exif.endian = endian
    exif[0x010F] = "maker of the camera"
    exif[0x0112] = orientation
    return exif.tobytes()


@pytest.mark.parametrize("endian", "<>")
@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_are_turned_as_pillow_turns_them(orientation, endian):
    data = jpeg(exif_of(orientation, endian))
    assert READ(data).numpy() == orientation
    lossless = Image.fromarray(PICTURE)
    lossless.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(lossless))
    assert np.array_equal(upright(tf.constant(PICTURE), READ(data)), expected)


def test_an_earlier_segment_of_the_same_marker_is_passed():
    data = jpeg(exif_of(6))
    xmp = b"http://ns.adobe.com/xap/1.0/\0" + b"x" * 3000
    segment = b"\xff\xe1" + (len(xmp) + 2).to_bytes(2, "big") + xmp
    assert READ(data[:2] + segment + data[2:]).numpy() == 6


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        jpeg(),
        jpeg(exif_of(9)),
        jpeg(exif_of(0)),
        jpeg(exif_of(6))[:34],
        jpeg(exif_of(6)).replace(b"II*\0\x08\0\0\0", b"II*\0\xff\xff\xff\xff"),
        b"\xff\xd8\xff\xe1\0\0" * 5,
        b"\x89PNG" + jpeg(exif_of(6)),
        jpeg(comment=exif_of(6)),
    ],
    ids=range(10),
)
def test_what_states_no_orientation_stays_as_it_is(data):
    assert READ(data).numpy() == 1
