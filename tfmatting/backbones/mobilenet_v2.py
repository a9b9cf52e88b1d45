"""MobileNetV2 as an encoder: inverted residuals, features at five scales.

Source: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018,
table 2. Layers have the names of keras.applications, so its weights fit by name. The expansion of
the first block, which only some encoders have, follows the same naming.
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

# expansion, channels, repeats, stride of the first block
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
CHANNELS = (32, *(channels for _, channels, _, _ in STAGES))
"""Of the stem, and of each stage."""
FEATURE_STAGES = (0, 1, 2, 4, 6)
"""The last stage at each resolution; a decoder takes its skip connections from here."""


@backbone
def mobilenet_v2(
    x,
    *,
    style: ConvolutionStyle,
    stem_stride: int = 2,
    stem_activation: str = "relu6",
    width: float = 1.0,
    channels: tuple[int, ...] = (),
    expand_first_block: bool = False,
    output_stride: int = 32,
):
    """Build the encoder on a normalized image.

    Args:
        x: `float32 [B, H, W, 3]`, normalized.
        style: padding rule and constants of the batch normalization.
        stem_stride: 2 in the paper; 1 keeps the first features at full resolution.
        stem_activation: "relu6" in the paper.
        width: multiplier of every channel count.
        channels: of the stem and of each stage of `STAGES`, in place of the paper's; `width` does
            not change them.
        expand_first_block: also give the first block (expansion 1) a 1x1 convolution.
        output_stride: downsampling factor with a stem of stride 2. 16 or 8 remove the stride of the
            last one or two strided stages and dilate from there on.

    Returns:
        Five tensors, shallow to deep: 16, 24, 32, 96 and 320 channels (times `width`) at
        1, 1/2, 1/4, 1/8 and 1/16 of the stem's resolution, unless `output_stride` keeps it.
    """
    wanted = channels or [scale_channels(count, width) for count in CHANNELS]
    x = convolution_block(
        x,
        wanted[0],
        style=style,
        stride=stem_stride,
        activation=stem_activation,
        name="Conv1",
        normalization_name="bn_Conv1",
    )
    features = []
    block, reached, dilation = 0, 2, 1
    for stage, (expansion, _, repeats, first_stride) in enumerate(STAGES):
        keeps = first_stride == 2 and reached >= output_stride
        stride = 1 if keeps else first_stride
        reached *= stride
        for repeat in range(repeats):
            if repeat == 1 and keeps:  # the first block only loses its stride
                dilation *= 2
            x = inverted_residual(
                x,
                wanted[stage + 1],
                expansion=expansion,
                stride=stride if repeat == 0 else 1,
                dilation=dilation,
                expand=expansion > 1 or expand_first_block,
                style=style,
                prefix=f"block_{block}" if block else "expanded_conv",
            )
            block += 1
        if stage in FEATURE_STAGES:
            features.append(x)
    return features


def inverted_residual(
    x,
    channels: int,
    *,
    expansion: int,
    stride: int,
    expand: bool,
    style: ConvolutionStyle,
    prefix: str,
    kernel_size: int = 3,
    dilation: int = 1,
):
    """Expand 1x1, filter each channel, project 1x1 without activation; add the input if it fits."""
    shortcut = x
    if expand:
        x = convolution_block(
            x,
            shortcut.shape[-1] * expansion,
            1,
            style=style,
            activation="relu6",
            name=f"{prefix}_expand",
            normalization_name=f"{prefix}_expand_BN",
        )
    x = depthwise_block(
        x,
        kernel_size,
        style=style,
        stride=stride,
        dilation=dilation,
        name=f"{prefix}_depthwise",
        normalization_name=f"{prefix}_depthwise_BN",
    )
    x = convolution_block(
        x,
        channels,
        1,
        style=style,
        name=f"{prefix}_project",
        normalization_name=f"{prefix}_project_BN",
    )
    if stride == 1 and shortcut.shape[-1] == channels:
        x = layers.Add(name=f"{prefix}_add")([shortcut, x])
    return x
