"""A 1x1 convolution with given weights that are not trained."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from tfmatting.errors import InputError

CHANNEL_ORDERS = ("rgb", "bgr")
Triple = tuple[float, float, float]
NORMALIZATIONS: dict[str, tuple[Triple, Triple]] = {
    "unit": ((0.0, 0.0, 0.0), (255.0, 255.0, 255.0)),
    "symmetric": ((127.5, 127.5, 127.5), (127.5, 127.5, 127.5)),
    "imagenet": ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),
}
"""Mean and scale by name: to [0, 1], to [-1, 1], and by the statistics of ImageNet's photos, as
torchvision's weights take them. RGB, pixels 0..255."""


@keras.saving.register_keras_serializable("tfmatting")
class FixedPointwise(keras.layers.Layer):
    """Compute `x @ matrix + offset` at every pixel with constants.

    Every export format and integer accelerator supports a single convolution. Channel reversal,
    slicing and broadcasting are each rejected by at least one of them. The constants are not
    weights: they do not count as parameters and are never trained.

    Args:
        matrix: `[channels in, channels out]`.
        offset: `[channels out]`; zeros if omitted.
    """

    def __init__(
        self,
        matrix: Sequence[Sequence[float]] | np.ndarray,
        offset: Sequence[float] | np.ndarray | None = None,
        **kwargs,
    ):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)
        self.matrix = np.asarray(matrix, np.float32).tolist()
        self.offset = None if offset is None else np.asarray(offset, np.float32).tolist()

    def call(self, x):
        kernel = keras.ops.convert_to_tensor(
            np.asarray(self.matrix, np.float32)[None, None], dtype=self.compute_dtype
        )
        y = keras.ops.conv(keras.ops.cast(x, self.compute_dtype), kernel, padding="valid")
        if self.offset is None:
            return y
        return y + keras.ops.convert_to_tensor(self.offset, dtype=self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], len(self.matrix[0]))

    def get_config(self):
        return {**super().get_config(), "matrix": self.matrix, "offset": self.offset}


def image_normalization(
    mean: Sequence[float],
    scale: float | Sequence[float],
    channel_order: str = "rgb",
    name: str = "normalization",
) -> FixedPointwise:
    """Make a layer that maps RGB 0..255 to `(pixel - mean) / scale` in the given channel order.

    Args:
        mean: three values in 0..255, in `channel_order`.
        scale: one divisor, or three.
        channel_order: "rgb", or "bgr" for networks trained with OpenCV's order.
    """
    if channel_order not in CHANNEL_ORDERS:
        raise InputError(
            f"`channel_order` must be one of {CHANNEL_ORDERS}. Received: {channel_order!r}."
        )
    order = np.eye(3, dtype=np.float32)
    if channel_order == "bgr":
        order = order[:, ::-1]
    divisor = np.asarray(scale, np.float32)
    return FixedPointwise(order / divisor, -np.asarray(mean, np.float32) / divisor, name=name)
