"""Padding that mirrors the border, made of operators that every export format supports."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable("tfmatting")
class SymmetricPadding(keras.layers.Layer):
    """Pad the height and width of `[B, H, W, C]` by mirroring, including the border pixel.

    The layer uses slices and concatenations because TensorFlow's MirrorPad stays float in an int8
    TFLite file, and OpenCV silently applies the other mirroring rule.

    Args:
        padding: number of pixels on each side, at most H and W.
    """

    def __init__(self, padding: int, **kwargs):
        super().__init__(**kwargs)
        self.padding = int(padding)

    def call(self, x):
        for axis in (1, 2):
            side = ops.shape(x)[axis]
            before = [_slice(x, axis, index) for index in reversed(range(self.padding))]
            after = [_slice(x, axis, side - 1 - index) for index in range(self.padding)]
            x = ops.concatenate([*before, x, *after], axis=axis)
        return x

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        height, width = (side and side + 2 * self.padding for side in (height, width))
        return batch, height, width, channels

    def get_config(self):
        return {**super().get_config(), "padding": self.padding}


def _slice(x, axis: int, index):
    """Return one row (axis 1) or column (axis 2), through an operator with explicit sizes.

    Indexing creates a strided slice, and OpenCV misreads its masks.
    """
    if keras.backend.backend() != "tensorflow":
        return x[:, index : index + 1] if axis == 1 else x[:, :, index : index + 1]
    import tensorflow as tf

    begin = [0, 0, 0, 0]
    size = [-1 if side is None else side for side in x.shape]
    begin[axis], size[axis] = index, 1
    return tf.slice(x, begin, size)
