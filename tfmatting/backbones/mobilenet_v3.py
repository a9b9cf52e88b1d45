"""MobileNetV3-Large as an encoder, with a dilated last stage.

Source: Howard et al., "Searching for MobileNetV3", ICCV 2019, table 1, in torchvision's
dilated form for segmentation.
"""

from __future__ import annotations

from keras import layers

from tfmatting.backbones.membership import backbone
from tfmatting.layers.convolution import (
    ConvolutionStyle,
    convolution_block,
    depthwise_block,
    scale_channels,
)

# kernel size, expanded channels, channels, squeeze-and-excitation, activation, stride
BLOCKS = (
    (3, 16, 16, False, "relu", 1),
    (3, 64, 24, False, "relu", 2),
    (3, 72, 24, False, "relu", 1),
    (5, 72, 40, True, "relu", 2),
    (5, 120, 40, True, "relu", 1),
    (5, 120, 40, True, "relu", 1),
    (3, 240, 80, False, "hard_swish", 2),
    (3, 200, 80, False, "hard_swish", 1),
    (3, 184, 80, False, "hard_swish", 1),
    (3, 184, 80, False, "hard_swish", 1),
    (3, 480, 112, True, "hard_swish", 1),
    (3, 672, 112, True, "hard_swish", 1),
    (5, 672, 160, True, "hard_swish", 2),
    (5, 960, 160, True, "hard_swish", 1),
    (5, 960, 160, True, "hard_swish", 1),
)
LAST_CHANNELS = 960
FEATURES = (0, 2, 3, 11)
"""Blocks that give features at 1/2 to 1/16; torchvision's auxiliary head uses the third."""


@backbone
def mobilenet_v3_large(x, *, style: ConvolutionStyle, output_stride: int = 16):
    """Build the encoder on a normalized image.

    Args:
        x: `float32 [B, H, W, 3]`, normalized.
        style: padding rule and constants of the batch normalization.
        output_stride: 32 or 16.

    Returns:
        Five tensors of 16, 24, 40, 112 and 960 channels at 1/2, 1/4, 1/8, 1/16 and the output
        stride.
    """

    def block(x, filters, kernel_size, name, **options):
        return convolution_block(
            x,
            filters,
            kernel_size,
            style=style,
            name=name,
            normalization_name=f"{name}_BN",
            **options,
        )

    x = block(x, 16, 3, "stem", stride=2, activation="hard_swish")
    features, reached, dilation = [], 2, 1
    for number, (kernel, expanded, channels, squeezes, activation, stride) in enumerate(BLOCKS):
        if reached * stride > output_stride:
            stride, dilation = 1, dilation * 2
        reached *= stride
        prefix, shortcut = f"block_{number}", x
        if expanded != x.shape[-1]:
            x = block(x, expanded, 1, f"{prefix}_expand", activation=activation)
        x = depthwise_block(
            x,
            kernel,
            style=style,
            stride=stride,
            dilation=dilation,
            activation=activation,
            name=f"{prefix}_depthwise",
            normalization_name=f"{prefix}_depthwise_BN",
        )
        if squeezes:
            x = _squeeze_excite(x, f"{prefix}_se")
        x = block(x, channels, 1, f"{prefix}_project")
        if stride == 1 and shortcut.shape[-1] == channels:
            x = layers.Add(name=f"{prefix}_add")([shortcut, x])
        if number in FEATURES:
            features.append(x)
    return [*features, block(x, LAST_CHANNELS, 1, "last", activation="hard_swish")]


def _squeeze_excite(x, name: str):
    """Squeeze-and-excitation: scale the channels by weights computed from their means."""
    channels = x.shape[-1]
    y = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_mean")(x)
    squeezed = scale_channels(channels // 4, 1.0)
    y = layers.Conv2D(squeezed, 1, activation="relu", name=f"{name}_fc1")(y)
    y = layers.Conv2D(channels, 1, activation="hard_sigmoid", name=f"{name}_fc2")(y)
    return layers.Multiply(name=f"{name}_scale")([x, y])
