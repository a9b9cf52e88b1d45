"""Resize layers with an explicit corner rule."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from tfmatting.errors import InputError

CORNERS = ("half_pixel", "align_corners", "legacy")
"""Input position of output pixel i: (i+.5)n/m-.5, i(n-1)/(m-1), or i n/m."""


@keras.saving.register_keras_serializable("tfmatting")
class ResizeBilinear(keras.layers.Layer):
    """Resize `[B, H, W, C]` by a factor with bilinear interpolation.

    "half_pixel" is PyTorch's `align_corners=False` and the rule of TensorFlow 2; "align_corners" is
    PyTorch's `align_corners=True`; "legacy" is the default of TensorFlow 1. The last two become
    version-2 resize operators in TFLite, which older Edge TPU compilers need.

    Args:
        factor: scale factor, or (vertical, horizontal) factors. Below 1 the result is smaller and
            interpolates between the nearest pixels only, as in PyTorch, without antialiasing.
        corner: one of `CORNERS`.
    """

    def __init__(self, factor: float | Sequence[float], corner: str = "half_pixel", **kwargs):
        super().__init__(**kwargs)
        if corner not in CORNERS:
            raise InputError(f"`corner` must be one of {CORNERS}. Received: {corner!r}.")
        self.factor = (factor, factor) if isinstance(factor, int | float) else tuple(factor)
        self.corner = corner

    def call(self, x):
        if keras.backend.backend() == "tensorflow":
            return self._resize_tensorflow(x)
        return self._resize_by_matrices(x)

    def _resize_tensorflow(self, x):
        import tensorflow as tf

        size = multiplied(x.shape[1:3], self.factor)
        if None in size:
            size = tf.cast(tf.cast(tf.shape(x)[1:3], tf.float32) * self.factor, tf.int32)
        resized = tf.raw_ops.ResizeBilinear(
            images=x,
            size=size,
            align_corners=self.corner == "align_corners",
            half_pixel_centers=self.corner == "half_pixel",
        )
        return keras.ops.cast(resized, self.compute_dtype)  # the operator always returns float32

    def _resize_by_matrices(self, x):
        height, width = multiplied(x.shape[1:3], self.factor)
        if height is None or width is None:
            raise InputError("ResizeBilinear needs a fixed height and width. Give `input_size`.")
        rows = interpolation_matrix(x.shape[1], height, self.corner)
        columns = interpolation_matrix(x.shape[2], width, self.corner)
        x = keras.ops.einsum("ih,bhwc->biwc", keras.ops.cast(rows, x.dtype), x)
        return keras.ops.einsum("jw,biwc->bijc", keras.ops.cast(columns, x.dtype), x)

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        return batch, *multiplied((height, width), self.factor), channels

    def get_config(self):
        return {**super().get_config(), "factor": self.factor, "corner": self.corner}


@keras.saving.register_keras_serializable("tfmatting")
class ResizeNearest(keras.layers.Layer):
    """Enlarge `[B, H, W, C]` by a whole factor by repeating pixels.

    The layer exports as one resize operator. Keras' UpSampling2D becomes a chain of reshapes and
    tiles that neither OpenCV nor an Edge TPU supports.

    Args:
        factor: whole scale factor.
    """

    def __init__(self, factor: int, **kwargs):
        super().__init__(**kwargs)
        self.factor = int(factor)

    def call(self, x):
        if keras.backend.backend() != "tensorflow":
            x = keras.ops.repeat(x, self.factor, axis=1)
            return keras.ops.repeat(x, self.factor, axis=2)
        import tensorflow as tf

        size = multiplied(x.shape[1:3], (self.factor, self.factor))
        if None in size:
            size = tf.shape(x)[1:3] * self.factor
        return tf.raw_ops.ResizeNearestNeighbor(images=x, size=size, half_pixel_centers=True)

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        return batch, *multiplied((height, width), (self.factor, self.factor)), channels

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


def multiplied(
    size: Sequence[int | None], factor: Sequence[float]
) -> tuple[int | None, int | None]:
    """Multiply a size by (vertical, horizontal) factors, rounded down; None stays None."""
    height, width = size
    return (
        None if height is None else int(height * factor[0]),
        None if width is None else int(width * factor[1]),
    )


def interpolation_matrix(source: int, target: int, corner: str) -> np.ndarray:
    """Return weights `float32 [target, source]` that interpolate one axis linearly."""
    position = np.arange(target, dtype=np.float64)
    if corner == "half_pixel":
        position = (position + 0.5) * source / target - 0.5
    elif corner == "align_corners":
        position = position * (source - 1) / max(target - 1, 1)
    else:
        position = position * source / target
    position = np.clip(position, 0, source - 1)
    low = np.floor(position).astype(int)
    high = np.minimum(low + 1, source - 1)
    matrix = np.zeros((target, source), np.float32)
    matrix[np.arange(target), low] += 1 - (position - low)
    matrix[np.arange(target), high] += position - low
    return matrix
