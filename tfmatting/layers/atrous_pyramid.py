"""Atrous spatial pyramid pooling: one tensor seen at several dilations and as a whole.

Source: Chen et al., "Rethinking Atrous Convolution for Semantic Image Segmentation", 2017, fig. 5.
"""

from __future__ import annotations

from collections.abc import Sequence

from keras import layers

from tfmatting.layers.convolution import ConvolutionStyle, convolution_block
from tfmatting.layers.resizing import ResizeBilinear


def atrous_pyramid(
    x,
    rates: Sequence[int],
    *,
    style: ConvolutionStyle,
    name: str,
    channels: int = 256,
    use_bias: bool = False,
):
    """1x1, a 3x3 for each rate, and the mean of the whole map; joined and projected.

    Args:
        x: `[B, H, W, C]` of fixed H and W.
        rates: dilations of the 3x3 convolutions.
        style: batch-norm constants.
        name: prefix of the layers: `NAME_0` .. `NAME_project`.
        channels: of every branch and of the result.
        use_bias: of the convolutions (DeepLabV3+'s PyTorch code has it, torchvision's has not).

    Returns:
        `[B, H, W, channels]`.
    """

    def block(x, kernel_size, part, rate=1):
        return convolution_block(
            x,
            channels,
            kernel_size,
            style=style,
            dilation=rate,
            use_bias=use_bias,
            activation="relu",
            name=f"{name}_{part}",
            normalization_name=f"{name}_{part}_BN",
        )

    branches = [block(x, 1, "0")]
    branches += [block(x, 3, str(number), rate) for number, rate in enumerate(rates, start=1)]
    whole = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_mean")(x)
    whole = block(whole, 1, "pooling")
    # every corner rule enlarges a single pixel to a constant
    branches.append(ResizeBilinear(tuple(x.shape[1:3]), name=f"{name}_pooling_up")(whole))
    return block(layers.Concatenate(name=f"{name}_concat")(branches), 1, "project")
