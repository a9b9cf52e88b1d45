"""MobileNetV3 as an encoder, large and small.

Source: Howard et al., "Searching for MobileNetV3", ICCV 2019, tables 1 and 2; the large one with a
dilated last stage is torchvision's form for segmentation.
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
LARGE = (
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
SMALL = (
    (3, 16, 16, True, "relu", 2),
    (3, 72, 24, False, "relu", 2),
    (3, 88, 24, False, "relu", 1),
    (5, 96, 40, True, "hard_swish", 2),
    (5, 240, 40, True, "hard_swish", 1),
    (5, 240, 40, True, "hard_swish", 1),
    (5, 120, 48, True, "hard_swish", 1),
    (5, 144, 48, True, "hard_swish", 1),
    (5, 288, 96, True, "hard_swish", 2),
    (5, 576, 96, True, "hard_swish", 1),
    (5, 576, 96, True, "hard_swish", 1),
)
STEM = -1
"""Stands for the first convolution among the blocks."""
BLOCKS = {"mobilenet_v3_large": LARGE, "mobilenet_v3_small": SMALL}
LAST_CHANNELS = {"mobilenet_v3_large": 960, "mobilenet_v3_small": 576}
FEATURES = {"mobilenet_v3_large": (0, 2, 3, 11), "mobilenet_v3_small": (STEM, 0, 2, 7)}
"""Blocks that give features at 1/2 to 1/16; torchvision's auxiliary head uses the third."""


@backbone
def mobilenet_v3(x, variant: str, *, style: ConvolutionStyle, output_stride: int = 32):
    """Build the encoder on a normalized image.

    Args:
        x: `float32 [B, H, W, 3]`, normalized.
        variant: a key of `BLOCKS`.
        style: padding rule and constants of the batch normalization.
        output_stride: 32 or 16.

    Returns:
        Five tensors at 1/2, 1/4, 1/8, 1/16 and the output stride: 16, 24, 40, 112 and 960
        channels of the large one; 16, 16, 24, 48 and 576 of the small one.
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
    wanted = FEATURES[variant]
    features = [x] if STEM in wanted else []
    reached, dilation = 2, 1
    blocks = enumerate(BLOCKS[variant])
    for number, (kernel, expanded, channels, squeezes, activation, stride) in blocks:
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
        if number in wanted:
            features.append(x)
    return [*features, block(x, LAST_CHANNELS[variant], 1, "last", activation="hard_swish")]


def _squeeze_excite(x, name: str):
    """Squeeze-and-excitation: scale the channels by weights computed from their means."""
    channels = x.shape[-1]
    y = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_mean")(x)
    squeezed = scale_channels(channels // 4, 1.0)
    y = layers.Conv2D(squeezed, 1, activation="relu", name=f"{name}_fc1")(y)
    y = layers.Conv2D(channels, 1, activation="hard_sigmoid", name=f"{name}_fc2")(y)
    return layers.Multiply(name=f"{name}_scale")([x, y])
