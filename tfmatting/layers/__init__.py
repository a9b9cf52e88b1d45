"""Building blocks of every model, kept to `keras.ops` so that weights stay portable."""

from tfmatting.layers.convolution import (
    batch_normalization,
    convolution_block,
    depthwise_block,
    scale_channels,
)
from tfmatting.layers.dilated import Conv2D
from tfmatting.layers.half_instance import InstanceNormalization
from tfmatting.layers.normalization import BatchNormalization
from tfmatting.layers.padding import SymmetricPadding
from tfmatting.layers.pointwise import NORMALIZATIONS, FixedPointwise, image_normalization
from tfmatting.layers.resizing import CORNERS, ResizeBilinear, ResizeNearest

__all__ = [
    "CORNERS",
    "NORMALIZATIONS",
    "BatchNormalization",
    "Conv2D",
    "FixedPointwise",
    "InstanceNormalization",
    "ResizeBilinear",
    "ResizeNearest",
    "SymmetricPadding",
    "batch_normalization",
    "convolution_block",
    "depthwise_block",
    "image_normalization",
    "scale_channels",
]
