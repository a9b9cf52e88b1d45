"""Aligned Xception as an encoder: separable convolutions with strides instead of pooling.

Source: Chen et al., "Encoder-Decoder with Atrous Separable Convolution for Semantic Image
Segmentation", ECCV 2018, fig. 4, as in the PyTorch DeepLabV3+ code (16 middle blocks).
"""

from __future__ import annotations

from keras import layers

from tfmatting.backbones.membership import backbone
from tfmatting.layers.convolution import ConvolutionStyle, convolution_block, depthwise_block

MIDDLE_BLOCKS = 16
PROJECTS = (True, True, True, *(False,) * MIDDLE_BLOCKS, True)
"""Of every block: whether a convolution stands in its shortcut."""


@backbone
def xception(x, *, style: ConvolutionStyle, output_stride: int = 16):
    """Build the encoder on a normalized image.

    Args:
        x: `float32 [B, H, W, 3]`, normalized.
        style: padding rule and constants of the batch normalization.
        output_stride: 16 or 8.

    Returns:
        Two tensors: 256 channels at 1/4, and 2048 at the output stride.
    """
    rate = 16 // output_stride

    def convolution(x, filters, name, stride=1):
        return convolution_block(
            x,
            filters,
            style=style,
            stride=stride,
            activation="relu",
            name=name,
            normalization_name=f"{name}_bn",
        )

    x = convolution(x, 32, "conv1", 2)
    x = convolution(x, 64, "conv2")
    x, _ = _block(x, (128, 128, 128), 2, 1, style, "block1")
    x, low_level = _block(x, (256, 256, 256), 2, 1, style, "block2")
    x, _ = _block(x, (728, 728, 728), 2 if output_stride == 16 else 1, 1, style, "block3")
    for number in range(4, 4 + MIDDLE_BLOCKS):
        x, _ = _block(x, (728, 728, 728), 1, rate, style, f"block{number}")
    x, _ = _block(x, (728, 1024, 1024), 1, rate, style, f"block{4 + MIDDLE_BLOCKS}")
    for name, channels in (("conv3", 1536), ("conv4", 1536), ("conv5", 2048)):
        x = _separable(x, channels, 1, rate, style, name, activate_first=False)
    return [low_level, x]


def _block(x, channels: tuple[int, int, int], stride: int, rate: int, style, name: str):
    """Apply three separable convolutions and add a shortcut.

    Where no convolution stands in the shortcut, the first ReLU acts on it too: the PyTorch code
    changes its input in place.

    Returns:
        The sum, and the output of the second convolution, before the stride.
    """
    if x.shape[-1] == channels[-1] and stride == 1:
        shortcut = x = layers.Activation("relu", name=f"{name}_shortcut_relu")(x)
    else:
        shortcut = convolution_block(
            x,
            channels[-1],
            1,
            style=style,
            stride=stride,
            name=f"{name}_skip",
            normalization_name=f"{name}_skipbn",
        )
    x = _separable(x, channels[0], 1, rate, style, f"{name}_sepconv1")
    tapped = x = _separable(x, channels[1], 1, rate, style, f"{name}_sepconv2")
    x = _separable(x, channels[2], stride, rate, style, f"{name}_sepconv3")
    return layers.Add(name=f"{name}_add")([x, shortcut]), tapped


def _separable(
    x, channels: int, stride: int, rate: int, style, name: str, *, activate_first: bool = True
):
    """Depthwise 3x3 and 1x1, each with batch normalization; ReLU before both, or after each."""
    if activate_first:
        x = layers.Activation("relu", name=f"{name}_relu0")(x)
    after = None if activate_first else "relu"
    x = depthwise_block(
        x,
        style=style,
        stride=stride,
        dilation=rate,
        activation=after,
        name=f"{name}_depthwise",
        normalization_name=f"{name}_bn1",
    )
    return convolution_block(
        x,
        channels,
        1,
        style=style,
        activation=after,
        name=f"{name}_pointwise",
        normalization_name=f"{name}_bn2",
    )
