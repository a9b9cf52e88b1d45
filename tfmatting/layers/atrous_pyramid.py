"""Atrous spatial pyramid pooling: parallel convolutions at several dilations, and image pooling.

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
    """Concatenate a 1x1, one 3x3 per rate and the mean of the map; project them with a 1x1.

    Args:
        x: `[B, H, W, C]` with fixed H and W.
        rates: dilations of the 3x3 convolutions.
        style: constants of the batch normalization.
        name: prefix of the layer names: `NAME_0` .. `NAME_project`.
        channels: channels of each branch and of the result.
        use_bias: convolutions have a bias (as in DeepLabV3+'s PyTorch code; torchvision has none).

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
    # any corner rule works: a single pixel is enlarged to a constant
    branches.append(ResizeBilinear(tuple(x.shape[1:3]), name=f"{name}_pooling_up")(whole))
    return block(layers.Concatenate(name=f"{name}_concat")(branches), 1, "project")
