"""MODNet: semantics at low resolution, detail at high resolution, and a fusion of both.

Source: Ke et al., "MODNet: Real-Time Trimap-Free Portrait Matting via Objective Decomposition",
AAAI 2022: 6,487,075 parameters; 6,487,363 with the previous frame's alpha as a fourth input
channel of the encoder.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

from tfmatting.backbones.efficientnet_lite import SCALES, efficientnet_lite
from tfmatting.backbones.mobilenet_v1 import mobilenet_v1
from tfmatting.backbones.mobilenet_v2 import CHANNELS, mobilenet_v2
from tfmatting.backbones.mobilenet_v3 import BLOCKS as MOBILENET_V3
from tfmatting.backbones.mobilenet_v3 import mobilenet_v3
from tfmatting.config import Size
from tfmatting.errors import InputError
from tfmatting.layers import NORMALIZATIONS, ResizeBilinear, convolution_block, image_normalization
from tfmatting.layers.convolution import ConvolutionStyle, padded
from tfmatting.layers.half_instance import half_instance_block

ENCODERS = ("mobilenet_v2", "mobilenet_v1", *MOBILENET_V3, *SCALES)
HALVES = ("batch", "instance")
SEMANTIC_STRIDE = 16
LOW_RESOLUTION_PREFIXES = ("lr", "semantic")
"""Layers of the low-resolution branch; the encoder below it serves all branches."""


@dataclass(frozen=True)
class MODNetConfig:
    """Configuration of MODNet. The defaults are the original's.

    Attributes:
        input_size: (height, width), a multiple of 32.
        prior_alpha: add a second input, the previous frame's alpha.
        low_resolution: only the low-resolution branch; alpha is the enlarged semantic map.
        encoder: one of `ENCODERS`; the original's is "mobilenet_v2".
        stage_channels: of MobileNetV2's stem and its seven stages, where they are not the paper's.
        encoded_channels: of the 1x1 convolution behind the encoder.
        low_channels: of the low-resolution branch, at 1/16 and at 1/8.
        detail_channels: width of the high-resolution branch.
        padding: "symmetric" (PyTorch's) or "same" (TensorFlow's).
        epsilon: of the encoder's batch normalization.
        mean: subtracted from the pixels (RGB, 0..255); see `NORMALIZATIONS`.
        scale: divisor of each channel after the subtraction.
    """

    input_size: Size = (512, 512)
    prior_alpha: bool = False
    low_resolution: bool = False
    encoder: str = "mobilenet_v2"
    stage_channels: tuple[int, ...] = ()
    encoded_channels: int = 1280
    low_channels: tuple[int, ...] = (96, 32)
    detail_channels: int = 32
    padding: str = "symmetric"
    epsilon: float = 1e-5
    mean: tuple[float, float, float] = NORMALIZATIONS["symmetric"][0]
    scale: tuple[float, float, float] = NORMALIZATIONS["symmetric"][1]

    def __post_init__(self):
        if self.encoder not in ENCODERS:
            raise InputError(f"`encoder` must be one of {ENCODERS}. Received: {self.encoder!r}.")
        if self.stage_channels and self.encoder != "mobilenet_v2":
            raise InputError(
                f"`stage_channels` are MobileNetV2's. Received: encoder {self.encoder!r}."
            )
        if self.stage_channels and len(self.stage_channels) != len(CHANNELS):
            raise InputError(
                f"`stage_channels` are {len(CHANNELS)} numbers, the stem's first. Received: "
                f"{self.stage_channels}."
            )
        if len(self.low_channels) != 2:
            raise InputError(f"`low_channels` are two numbers. Received: {self.low_channels}.")
        counts = (*self.stage_channels, *self.low_channels)
        least = min(*counts, self.encoded_channels // 4, self.detail_channels // 2)
        if least < 2:  # a quarter in the squeeze; half for each kind of normalization
            raise InputError(f"A channel count is too small. Received: {self}.")

    @property
    def stride(self) -> int:
        """The number that height and width must be multiples of."""
        return 32


TENSORFLOW = {"padding": "same", "epsilon": 1e-3}
"""Settings that fit the weights of keras.applications without changes."""


def build_modnet(config: MODNetConfig) -> keras.Model:
    """Build MODNet.

    Returns:
        A model `{"image": [B, H, W, 3] RGB 0..255}` (and "prior_alpha": float32 [B, H, W, 1] in
        [0, 1], zeros if there is none) -> float32 in [0, 1] {"alpha": [B, H, W, 1], "detail":
        [B, H, W, 1], valid only near the edge, "semantic": [B, H/16, W/16, 1]}.
    """
    style = ConvolutionStyle(padding=config.padding)
    image = keras.Input((*config.input_size, 3), name="image", dtype="float32")
    inputs = {"image": image}
    pixels = image_normalization(config.mean, config.scale)(image)
    encoded = pixels
    if config.prior_alpha:
        prior = keras.Input((*config.input_size, 1), name="prior_alpha", dtype="float32")
        inputs["prior_alpha"] = prior
        encoded = layers.Concatenate(name="encoder_input")([pixels, prior])
    features = _encode(encoded, config)
    semantic, low = _semantic_branch(features, config, style)
    if config.low_resolution:
        alpha = ResizeBilinear(SEMANTIC_STRIDE, name="alpha")(semantic)
        return keras.Model(inputs, {"alpha": alpha, "semantic": semantic}, name="modnet")
    detail, high = _detail_branch(pixels, features, low, config, style)
    alpha = _fusion_branch(pixels, low, high, config, style)
    return keras.Model(
        inputs, {"alpha": alpha, "detail": detail, "semantic": semantic}, name="modnet"
    )


def _encode(x, config: MODNetConfig):
    """Return features at 1/2 and 1/4, and `encoded_channels` at 1/32."""
    style = ConvolutionStyle(padding=config.padding, epsilon=config.epsilon)
    half, quarter, _, _, deep = _features(x, config, style)
    deep = convolution_block(
        deep,
        config.encoded_channels,
        1,
        style=style,
        activation="relu6",
        name="Conv_1",
        normalization_name="Conv_1_bn",
    )
    return half, quarter, deep


def _features(x, config: MODNetConfig, style: ConvolutionStyle):
    """The encoder's features at 1/2, 1/4, 1/8, 1/16 and 1/32."""
    if config.encoder in SCALES:
        return efficientnet_lite(x, config.encoder, style=style)
    if config.encoder in MOBILENET_V3:
        return mobilenet_v3(x, config.encoder, style=style)
    if config.encoder == "mobilenet_v1":
        return mobilenet_v1(x, style=style)
    return mobilenet_v2(x, style=style, channels=config.stage_channels)


def _doubled(x, name: str):
    return ResizeBilinear(2, name=name)(x)


def _probability(x, name: str):
    """Project to one channel (1x1) and apply a sigmoid."""
    x = layers.Conv2D(1, 1, name=f"{name}_conv")(x)
    return layers.Activation("sigmoid", name=name, dtype="float32")(x)


def _semantic_branch(features, config: MODNetConfig, style: ConvolutionStyle):
    """Squeeze-and-excitation, then two 5x5 blocks on the way up.

    Returns:
        The semantic map at 1/16, and features at 1/8.
    """
    deep = _squeeze_excite(features[2], "lr_se", reduction=4)
    x = _doubled(deep, "lr16x_up")
    wide, narrow = config.low_channels
    x = half_instance_block(x, wide, 5, style=style, name="lr16x")
    low = half_instance_block(_doubled(x, "lr8x_up"), narrow, 5, style=style, name="lr8x")
    x, padding = padded(low, 3, 2, style, "semantic_conv")
    x = layers.Conv2D(1, 3, strides=2, padding=padding, name="semantic_conv")(x)
    return layers.Activation("sigmoid", name="semantic", dtype="float32")(x), low


def _squeeze_excite(x, name: str, reduction: int):
    """Squeeze-and-excitation; the dense layers are 1x1 convolutions, for mobile GPUs."""
    channels = x.shape[-1]
    y = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_mean")(x)
    y = layers.Conv2D(
        channels // reduction, 1, use_bias=False, activation="relu", name=f"{name}_fc0"
    )(y)
    y = layers.Conv2D(channels, 1, use_bias=False, activation="sigmoid", name=f"{name}_fc2")(y)
    return layers.Multiply(name=f"{name}_scale")([x, y])


def _detail_branch(pixels, features, low, config: MODNetConfig, style: ConvolutionStyle):
    """Process the image and shallow features, and add the semantics at 1/4.

    Returns:
        The detail map at full size, and features at 1/2.
    """
    width = config.detail_channels

    def block(x, filters, kernel_size, name, stride=1):
        return half_instance_block(x, filters, kernel_size, style=style, name=name, stride=stride)

    def joined(parts, name):
        return layers.Concatenate(name=f"{name}_concat_in")(parts)

    half_image = ResizeBilinear(0.5, name="image_2x")(pixels)
    quarter_image = ResizeBilinear(0.25, name="image_4x")(pixels)
    half = block(features[0], width, 1, "hr_to_enc2x")
    x = block(joined([half_image, half], "hr_enc2x"), width, 3, "hr_enc2x", stride=2)
    quarter = block(features[1], width, 1, "hr_to_enc4x")
    x = block(joined([x, quarter], "hr_enc4x"), 2 * width, 3, "hr_enc4x")
    x = joined([x, _doubled(low, "hr_lr4x_up"), quarter_image], "hr4x")
    for number, filters in enumerate((2 * width, 2 * width, width)):
        x = block(x, filters, 3, f"hr4x_{number}")
    x = joined([_doubled(x, "hr2x_up"), half], "hr2x")
    for number, filters in enumerate((2 * width, width, width, width)):
        x = block(x, filters, 3, f"hr2x_{number}")
    full = joined([_doubled(x, "hr_up"), pixels], "hr")
    return _probability(block(full, width, 3, "hr_0"), "detail"), x


def _fusion_branch(pixels, low, high, config: MODNetConfig, style: ConvolutionStyle):
    """Fuse semantics and detail at 1/2, then compute alpha at full size with the image."""
    width = config.detail_channels

    def block(x, filters, kernel_size, name):
        return half_instance_block(x, filters, kernel_size, style=style, name=name)

    x = block(_doubled(low, "f_lr4x_up"), width, 5, "f_lr4x")
    x = layers.Concatenate(name="f2x_concat_in")([_doubled(x, "f_lr2x_up"), high])
    x = _doubled(block(x, width, 3, "f2x"), "f_up")
    x = layers.Concatenate(name="f_concat_in")([x, pixels])
    return _probability(block(x, width // 2, 3, "f_0"), "alpha")
