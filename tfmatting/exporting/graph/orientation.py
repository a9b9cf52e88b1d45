"""The orientation in a JPEG's EXIF, read and applied inside a TensorFlow graph.

`tf.io.decode_image` gives pixels as they are stored. Phones store portraits lying, and a network
does not see lying people well.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

HEAD = 1 << 17
"""Bytes of a file in which its EXIF begins: two segments of the largest size."""
START_OF_SCAN, APPLICATION_1 = 0xDA, 0xE1
EXIF = tuple(b"Exif\0\0")
ORIENTATION = 0x0112
LITTLE_ENDIAN = ord("I")


def exif_orientation(contents: tf.Tensor) -> tf.Tensor:
    """Read the orientation of a JPEG file.

    Args:
        contents: string scalar, the bytes of a file.

    Returns:
        int32 scalar, 1 to 8; 1 where nothing is stated, or the file is no JPEG.

    Source: EXIF 2.32, 4.6.2 (image file directory) and 4.6.4 (orientation).
    """
    head = tf.cast(tf.io.decode_raw(tf.strings.substr(contents, 0, HEAD), tf.uint8), tf.int64)
    size = tf.size(head, tf.int64)
    head = tf.concat([head, tf.zeros(len(EXIF) + 16, tf.int64)], 0)

    def number(at: Any, count: int, little: Any = False) -> Any:
        places = tf.range(count, dtype=tf.int64)
        bytes_ = tf.gather(head, tf.clip_by_value(at[..., None] + places, 0, size))
        shifts = 8 * tf.where(little, places, count - 1 - places)
        return tf.reduce_sum(tf.bitwise.left_shift(bytes_, shifts), axis=-1)

    def is_exif(at):
        label = tf.gather(head, tf.clip_by_value(at + 4 + tf.range(6, dtype=tf.int64), 0, size))
        return tf.logical_and(
            number(at + 1, 1) == APPLICATION_1, tf.reduce_all(label == tf.constant(EXIF, tf.int64))
        )

    def goes_on(at):
        inside = tf.logical_and(at < size, number(at, 1) == 0xFF)
        over = tf.logical_or(number(at + 1, 1) == START_OF_SCAN, is_exif(at))
        return tf.logical_and(inside, tf.logical_not(over))

    start = tf.where(number(tf.constant(0, tf.int64), 2) == 0xFFD8, tf.constant(2, tf.int64), size)
    found = tf.while_loop(goes_on, lambda at: (at + 2 + number(at + 2, 2),), [start])[0]
    tiff = found + 10
    little = number(tiff, 1) == LITTLE_ENDIAN
    directory = tiff + number(tiff + 4, 4, little)
    count = tf.minimum(number(directory, 2, little), 256)
    entries = directory + 2 + 12 * tf.range(count)
    entries = tf.boolean_mask(entries, number(entries, 2, little) == ORIENTATION)
    values = tf.concat([number(entries + 8, 2, little), tf.ones(1, tf.int64)], 0)
    stated = tf.logical_and(is_exif(found), tf.logical_and(values[0] >= 1, values[0] <= 8))
    return tf.cast(tf.where(stated, values[0], 1), tf.int32)


def upright(photo: tf.Tensor, orientation: tf.Tensor) -> tf.Tensor:
    """Turn a stored photo [H, W, C] as its orientation says; 5 to 8 swap height and width."""

    def transposed():
        return tf.transpose(photo, (1, 0, 2))

    turns = (
        lambda: photo,
        lambda: photo[:, ::-1],
        lambda: photo[::-1, ::-1],
        lambda: photo[::-1],
        transposed,
        lambda: transposed()[:, ::-1],
        lambda: transposed()[::-1, ::-1],
        lambda: transposed()[::-1],
    )
    return tf.switch_case(orientation - 1, turns)
