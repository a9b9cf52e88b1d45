"""MobileNetV1 as an encoder: depthwise-separable convolutions, features at five scales.

Source: Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision
Applications", 2017, table 1. Layers have the names of keras.applications.
"""

from __future__ import annotations

from tfmatting.backbones.membership import backbone
from tfmatting.layers.convolution import (
    ConvolutionStyle,
    convolution_block,
    depthwise_block,
    scale_channels,
)

BLOCKS = (
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    (512, 1),
    (512, 1),
    (512, 1),
    (512, 1),
    (512, 1),
    (1024, 2),
    (1024, 1),
)
"""Channels and stride of each block."""
FEATURE_BLOCKS = (0, 2, 4, 10, 12)


@backbone
def mobilenet_v1(
    x,
    *,
    style: ConvolutionStyle,
    stem_stride: int = 2,
    stem_activation: str = "relu6",
    width: float = 1.0,
    output_stride: int = 32,
    activation: str = "relu6",
):
    """Build the encoder on a normalized image.

    Arguments and results are those of `mobilenet_v2`, but the features have 64, 128, 256, 512 and
    1024 channels (times `width`), and the blocks have an `activation`: "relu" in the paper,
    "relu6" in keras.applications.
    """
    x = convolution_block(
        x,
        scale_channels(32, width),
        style=style,
        stride=stem_stride,
        activation=stem_activation,
        name="conv1",
        normalization_name="conv1_bn",
    )
    features = []
    reached, dilation = 2, 1
    for block, (channels, stride) in enumerate(BLOCKS):
        keeps = stride == 2 and reached >= output_stride
        stride = 1 if keeps else stride
        reached *= stride
        x = depthwise_block(
            x,
            style=style,
            stride=stride,
            dilation=dilation,
            activation=activation,
            name=f"conv_dw_{block + 1}",
            normalization_name=f"conv_dw_{block + 1}_bn",
        )
        x = convolution_block(
            x,
            scale_channels(channels, width),
            1,
            style=style,
            activation=activation,
            name=f"conv_pw_{block + 1}",
            normalization_name=f"conv_pw_{block + 1}_bn",
        )
        if keeps:  # this block only loses its stride; the blocks after it dilate
            dilation *= 2
        if block in FEATURE_BLOCKS:
            features.append(x)
    return features
