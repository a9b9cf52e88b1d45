"""Convolution, batch normalization and activation, with an explicit padding rule.

PyTorch pads a strided 3x3 convolution by one pixel on every side. TensorFlow's "same" pads even
sizes by no pixel before and one after. Weights fit only the rule that they were trained with.
"""

from __future__ import annotations

from dataclasses import dataclass

from keras import layers

from tfmatting.errors import InputError
from tfmatting.layers.dilated import Conv2D
from tfmatting.layers.normalization import BatchNormalization

PADDINGS = ("symmetric", "same")


@dataclass(frozen=True)
class ConvolutionStyle:
    """Settings that all convolutions of a network share.

    Attributes:
        padding: "symmetric" (PyTorch's) or "same" (TensorFlow's).
        epsilon: of the batch normalization; 1e-5 in PyTorch, 1e-3 in keras.applications.
        momentum: of its moving statistics. The 0.999 of keras.applications lags behind for
            thousands of steps during fine-tuning.
    """

    padding: str = "symmetric"
    epsilon: float = 1e-5
    momentum: float = 0.95

    def __post_init__(self):
        if self.padding not in PADDINGS:
            raise InputError(f"`padding` must be one of {PADDINGS}. Received: {self.padding!r}.")


def scale_channels(channels: int, width: float) -> int:
    """Multiply a channel count and round it to a multiple of 8, but never to less than 90 %.

    Source: MobileNetV2 (Sandler et al. 2018), `_make_divisible` in the reference code.
    """
    scaled = max(8, int(channels * width + 4) // 8 * 8)
    return scaled + 8 if scaled < 0.9 * channels * width else scaled


def batch_normalization(x, style: ConvolutionStyle, name: str):
    """Apply batch normalization with the network's epsilon and momentum."""
    return BatchNormalization(epsilon=style.epsilon, momentum=style.momentum, name=name)(x)


def padded(x, kernel_size: int, stride: int, style: ConvolutionStyle, name: str):
    """Return the tensor and the `padding` argument that a strided convolution needs."""
    if stride == 1 or kernel_size == 1 or style.padding == "same":
        return x, "same"
    return layers.ZeroPadding2D(kernel_size // 2, name=f"{name}_pad")(x), "valid"


def convolution_block(
    x,
    filters: int,
    kernel_size: int = 3,
    *,
    style: ConvolutionStyle,
    name: str,
    normalization_name: str,
    stride: int = 1,
    dilation: int = 1,
    activation: str | None = None,
    use_bias: bool = False,
):
    """Convolution, batch normalization, activation: `[B, H, W, C] -> [B, H/s, W/s, filters]`."""
    x, padding = padded(x, kernel_size, stride, style, name)
    convolution = Conv2D if dilation > 1 else layers.Conv2D
    x = convolution(
        filters,
        kernel_size,
        strides=stride,
        dilation_rate=dilation,
        padding=padding,
        use_bias=use_bias,
        name=name,
    )(x)
    x = batch_normalization(x, style, normalization_name)
    return layers.Activation(activation, name=f"{name}_{activation}")(x) if activation else x


def depthwise_block(
    x,
    kernel_size: int = 3,
    *,
    style: ConvolutionStyle,
    name: str,
    normalization_name: str,
    stride: int = 1,
    dilation: int = 1,
    activation: str | None = "relu6",
):
    """Depthwise convolution, batch normalization, activation; keeps the number of channels."""
    x, padding = padded(x, kernel_size, stride, style, name)
    x = layers.DepthwiseConv2D(
        kernel_size,
        strides=stride,
        dilation_rate=dilation,
        padding=padding,
        use_bias=False,
        name=name,
    )(x)
    x = batch_normalization(x, style, normalization_name)
    return layers.Activation(activation, name=f"{name}_{activation}")(x) if activation else x
