"""ResNet-50 and -101 as encoders, with dilation instead of stride where asked for.

Source: He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, table 1, with the
stride on the 3x3 convolution and the dilations as in torchvision.
"""

from __future__ import annotations

from keras import layers

from tfmatting.backbones.membership import backbone
from tfmatting.layers.convolution import ConvolutionStyle, convolution_block

BLOCKS = {"resnet50": (3, 4, 6, 3), "resnet101": (3, 4, 23, 3)}
EXPANSION = 4


@backbone
def resnet(x, variant: str, *, style: ConvolutionStyle, output_stride: int = 32):
    """Build the encoder on a normalized image.

    Args:
        x: `float32 [B, H, W, 3]`, normalized.
        variant: a key of `BLOCKS`.
        style: padding rule and constants of the batch normalization;
            weights from PyTorch need "symmetric".
        output_stride: 32, 16 or 8. A stage that loses its stride dilates instead, from its second
            block on.

    Returns:
        Five tensors: the stem at 1/2 (64 channels), and stages of 256, 512, 1024 and 2048 channels
        at 1/4 to 1/32, but no coarser than the output stride.
    """
    x = convolution_block(
        x, 64, 7, style=style, stride=2, activation="relu", name="conv1", normalization_name="bn1"
    )
    features = [x]
    x = layers.ZeroPadding2D(1, name="maxpool_pad")(x)  # zero is the minimum after a ReLU
    x = layers.MaxPooling2D(3, strides=2, name="maxpool")(x)
    reached, dilation = 4, 1
    for stage, repeats in enumerate(BLOCKS[variant], start=1):
        stride, first_dilation = (1 if stage == 1 else 2), dilation
        if reached * stride > output_stride:
            stride, dilation = 1, dilation * 2
        reached *= stride
        for block in range(repeats):
            x = _bottleneck(
                x,
                64 * 2 ** (stage - 1),
                stride=stride if block == 0 else 1,
                dilation=first_dilation if block == 0 else dilation,
                style=style,
                prefix=f"layer{stage}_{block}",
            )
        features.append(x)
    return features


def _bottleneck(x, channels: int, *, stride: int, dilation: int, style, prefix: str):
    """1x1 down, 3x3, 1x1 up; the shortcut is added before the last activation."""

    def block(x, filters, kernel_size, part, **options):
        return convolution_block(
            x,
            filters,
            kernel_size,
            style=style,
            name=f"{prefix}_conv{part}",
            normalization_name=f"{prefix}_bn{part}",
            **options,
        )

    shortcut = x
    y = block(x, channels, 1, 1, activation="relu")
    y = block(y, channels, 3, 2, stride=stride, dilation=dilation, activation="relu")
    y = block(y, EXPANSION * channels, 1, 3)
    if shortcut.shape[-1] != EXPANSION * channels or stride > 1:
        shortcut = convolution_block(
            shortcut,
            EXPANSION * channels,
            1,
            style=style,
            stride=stride,
            name=f"{prefix}_downsample_0",
            normalization_name=f"{prefix}_downsample_1",
        )
    y = layers.Add(name=f"{prefix}_add")([shortcut, y])
    return layers.Activation("relu", name=f"{prefix}_relu")(y)
