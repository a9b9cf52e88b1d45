"""EfficientNet-Lite as an encoder: MobileNetV2's blocks, scaled in width and depth.

Source: Tan and Le, "EfficientNet", ICML 2019, in the Lite form of tensorflow/tpu: no
squeeze-and-excitation, ReLU6 instead of swish, and no depth scaling of the stem, the first and the
last stage. Integer accelerators support all of it.
"""

from __future__ import annotations

import math

from tfmatting.backbones.membership import backbone
from tfmatting.backbones.mobilenet_v2 import inverted_residual
from tfmatting.layers.convolution import ConvolutionStyle, convolution_block, scale_channels

# kernel size, expansion, channels, repeats, stride of the first block
STAGES = (
    (3, 1, 16, 1, 1),
    (3, 6, 24, 2, 2),
    (5, 6, 40, 2, 2),
    (3, 6, 80, 3, 2),
    (5, 6, 112, 3, 1),
    (5, 6, 192, 4, 2),
    (3, 6, 320, 1, 1),
)
FEATURE_STAGES = (0, 1, 2, 4, 6)
"""The last stage at each resolution; a decoder takes its skip connections from here."""
SCALES = {
    "efficientnet_lite0": (1.0, 1.0),
    "efficientnet_lite1": (1.0, 1.1),
    "efficientnet_lite2": (1.1, 1.2),
    "efficientnet_lite3": (1.2, 1.4),
    "efficientnet_lite4": (1.4, 1.8),
}
"""Width and depth multipliers of the published sizes."""


@backbone
def efficientnet_lite(
    x,
    variant: str,
    *,
    style: ConvolutionStyle,
    stem_stride: int = 2,
    stem_activation: str = "relu6",
):
    """Build the encoder on a normalized image.

    Args:
        x: `float32 [B, H, W, 3]`, normalized.
        variant: a key of `SCALES`.
        style: padding rule and constants of the batch normalization.
        stem_stride: 2 in the original.
        stem_activation: "relu6" in the original.

    Returns:
        Five tensors, shallow to deep, at 1, 1/2, 1/4, 1/8 and 1/16 of the stem's resolution.
    """
    width, depth = SCALES[variant]
    x = convolution_block(
        x,
        32,
        style=style,
        stride=stem_stride,
        activation=stem_activation,
        name="stem",
        normalization_name="stem_BN",
    )
    features = []
    block = 0
    for stage, (kernel_size, expansion, channels, repeats, first_stride) in enumerate(STAGES):
        scaled = stage not in (0, len(STAGES) - 1)
        for repeat in range(math.ceil(repeats * depth) if scaled else repeats):
            x = inverted_residual(
                x,
                scale_channels(channels, width),
                expansion=expansion,
                stride=first_stride if repeat == 0 else 1,
                expand=expansion > 1,
                kernel_size=kernel_size,
                style=style,
                prefix=f"block_{block}",
            )
            block += 1
        if stage in FEATURE_STAGES:
            features.append(x)
    return features
