"""LFM: two decoders classify foreground and background; a late fusion blends them per pixel.

Source: Zhang et al., "A Late Fusion CNN for Digital Matting", CVPR 2019. Layers have the names of
the Keras 1.14 code (with `_` for `/`), so its weights fit by name.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

from tfmatting.backbones.densenet import BLOCKS, EPSILON, densenet
from tfmatting.backbones.mobilenet_v2 import mobilenet_v2
from tfmatting.config import Size
from tfmatting.errors import InputError
from tfmatting.layers import (
    FixedPointwise,
    ResizeBilinear,
    ResizeNearest,
    SymmetricPadding,
    image_normalization,
)
from tfmatting.layers.convolution import ConvolutionStyle
from tfmatting.layers.normalization import BatchNormalization

ENCODERS = (*BLOCKS, "mobilenet_v2")
BRANCHES = {"foreground": "deFG", "background": "deBG"}
FUSION_PREFIX = "fusion_"


@dataclass(frozen=True)
class LFMConfig:
    """Configuration of LFM. The defaults are the paper's; `LIGHT` suits a phone or a laptop.

    Attributes:
        input_size: (height, width), a multiple of 32.
        encoder: one of `ENCODERS`.
        feature_channels: channels of the feature pyramids.
        fusion_channels: channels of the fusion network's five convolutions.
        corner: corner rule for enlarging the coarser side outputs; see `ResizeBilinear`.
        momentum: of the batch normalization's moving statistics.
        mean: subtracted from the RGB pixels (0..255).
    """

    input_size: Size = (512, 512)
    encoder: str = "densenet201"
    feature_channels: int = 128
    fusion_channels: tuple[int, ...] = (256, 128, 128, 64, 256)
    corner: str = "half_pixel"
    momentum: float = 0.95
    mean: tuple[float, float, float] = (127.156207, 115.917443, 106.031127)

    def __post_init__(self):
        if self.encoder not in ENCODERS:
            raise InputError(f"`encoder` must be one of {ENCODERS}. Received: {self.encoder!r}.")
        if len(self.fusion_channels) != 5:
            raise InputError(f"`fusion_channels` need five. Received: {len(self.fusion_channels)}.")

    @property
    def stride(self) -> int:
        """The number that height and width must be multiples of."""
        return 32


LIGHT = {
    "encoder": "mobilenet_v2",
    "feature_channels": 32,
    "fusion_channels": (64, 32, 32, 16, 64),
}
"""A mobile encoder, and a sixteenth of the work in the decoders."""


def build_lfm(config: LFMConfig) -> keras.Model:
    """Build LFM.

    Returns:
        A model `{"image": [B, H, W, 3] RGB 0..255}` -> a dictionary of float32 `[B, H, W, 1]` in
        [0, 1]: "alpha" = beta F + (1 - beta) (1 - B) (eq. 2), "foreground" F, "background" B,
        "fusion_weight" beta; and `[B, H, W, 3]` "foreground_sides", "background_sides": the
        side outputs of 1/2, 1/4 and 1/8, used only in training.
    """
    image = keras.Input((*config.input_size, 3), name="image", dtype="float32")
    pixels = image_normalization(config.mean, 1.0)(image)
    features = _encode(pixels, config)
    outputs, last_features = {}, []
    for name, prefix in BRANCHES.items():
        sides, last = _decoder(features, config, prefix)
        finest, *coarser = sides
        outputs[name] = layers.Identity(name=name, dtype="float32")(finest)
        outputs[f"{name}_sides"] = layers.Concatenate(name=f"{name}_sides", dtype="float32")(
            coarser
        )
        last_features.append(last)
    weight = _fusion(last_features, pixels, config)
    outputs["fusion_weight"] = layers.Identity(name="fusion_weight", dtype="float32")(weight)
    outputs["alpha"] = _blend(outputs["foreground"], outputs["background"], weight)
    return keras.Model({"image": image}, outputs, name="lfm")


def _encode(pixels, config: LFMConfig):
    if config.encoder in BLOCKS:
        return densenet(pixels, config.encoder, momentum=config.momentum)
    style = ConvolutionStyle(padding="same", epsilon=1e-3, momentum=config.momentum)
    # MobileNetV2 receives pixels of about -128..128 here; its own scale is -1..1
    return mobilenet_v2(pixels, style=style)


def _normalized(x, config: LFMConfig, name: str, epsilon: float = EPSILON):
    return BatchNormalization(epsilon=epsilon, momentum=config.momentum, name=name)(x)


def _decoder(features, config: LFMConfig, prefix: str):
    """Build one branch: five enlarging blocks, then a feature pyramid over the last four.

    Returns:
        Side outputs of 1, 1/2, 1/4, 1/8, all enlarged to full size, and the full-size features.
    """
    *skips, x = features
    blocks = []
    for number, skip in zip((5, 4, 3, 2), reversed(skips), strict=True):
        x = _enlarging_block(x, skip, config, f"{prefix}_deconv{number}")
        blocks.append(x)
    blocks.append(_enlarging_block(x, None, config, f"{prefix}_deconv1"))
    width = config.feature_channels
    up = layers.Conv2D(width, 1, name=f"{prefix}_up4_conv")(blocks[0])
    up = layers.Activation("relu", name=f"{prefix}_up4_relu")(up)
    up = ResizeNearest(2, name=f"{prefix}_up4_up")(up)
    sides = []
    x = up
    for level, block in zip((3, 2, 1, 0), blocks[1:], strict=True):
        name = f"{prefix}_side_{level}"
        x = _pyramid_level(block, up, config, name)
        out = layers.Conv2D(1, 1, name=f"{name}_conv3")(x)
        out = layers.Activation("sigmoid", name=f"{name}_sigmoid", dtype="float32")(out)
        if level:
            out = ResizeBilinear(2**level, config.corner, name=f"{name}_out", dtype="float32")(out)
            up = ResizeNearest(2, name=f"{name}_up")(x)
        sides.insert(0, out)
    return sides, x


def _enlarging_block(x, skip, config: LFMConfig, name: str):
    """Enlarge x2, concatenate the skip, project to its channels (at least the pyramid's)."""
    x = ResizeNearest(2, name=f"{name}_resize")(x)
    channels = max(x.shape[-1] if skip is None else skip.shape[-1], config.feature_channels)
    if skip is not None:
        x = layers.Concatenate(name=f"{name}_concat")([x, skip])
    x = layers.Conv2D(channels, 1, use_bias=False, name=f"{name}_conv")(x)
    x = _normalized(x, config, f"{name}_bn")
    return layers.Activation("relu", name=f"{name}_relu")(x)


def _pyramid_level(x, up, config: LFMConfig, name: str):
    if x.shape[-1] != config.feature_channels:
        x = layers.Conv2D(config.feature_channels, 1, name=f"{name}_conv1")(x)
    x = layers.Add(name=f"{name}_add")([x, up])
    x = SymmetricPadding(1, name=f"{name}_pad")(x)
    return layers.Conv2D(config.feature_channels, 3, name=f"{name}_conv2")(x)


def _fusion(features, pixels, config: LFMConfig):
    """Return the weight of the foreground branch at each pixel."""
    colours = layers.Conv2D(
        config.feature_channels, 3, padding="same", name=f"{FUSION_PREFIX}convrgb"
    )(pixels)
    colours = _normalized(colours, config, f"{FUSION_PREFIX}bnrgb", 1e-3)
    x = layers.Concatenate(name=f"{FUSION_PREFIX}input_concate")([*features, colours])
    for number, channels in enumerate(config.fusion_channels):
        x = layers.Conv2D(channels, 3, padding="same", name=f"{FUSION_PREFIX}conv{number}")(x)
        x = _normalized(x, config, f"{FUSION_PREFIX}bn{number}", 1e-3)
        x = layers.Activation("relu", name=f"{FUSION_PREFIX}relu{number}")(x)
    x = layers.Conv2D(1, 1, name=f"{FUSION_PREFIX}conv_output")(x)
    return layers.Activation("sigmoid", name=f"{FUSION_PREFIX}sigmoid_output", dtype="float32")(x)


def _blend(foreground, background, weight):
    """Compute alpha = beta F + (1 - beta) (1 - B)."""

    def inverted(x, name):
        return FixedPointwise([[-1.0]], [1.0], name=f"{FUSION_PREFIX}{name}")(x)

    first = layers.Multiply(name=f"{FUSION_PREFIX}fg_mul", dtype="float32")([foreground, weight])
    second = layers.Multiply(name=f"{FUSION_PREFIX}bg_mul", dtype="float32")(
        [inverted(background, "reverse_bg"), inverted(weight, "reverse_weight")]
    )
    return layers.Add(name="alpha", dtype="float32")([first, second])
