"""T-Net: a MobileNetV2 encoder and a U-Net decoder that predict a trimap.

Source: the trimap network of Chen et al., "Semantic Human Matting", ACM MM 2018, in the light
form that is used for background blur on phones: 2,228,387 parameters at width 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

from tfmatting.backbones.efficientnet_lite import SCALES, efficientnet_lite
from tfmatting.backbones.mobilenet_v1 import mobilenet_v1
from tfmatting.backbones.mobilenet_v2 import mobilenet_v2
from tfmatting.config import Size
from tfmatting.errors import InputError
from tfmatting.layers import (
    FixedPointwise,
    ResizeBilinear,
    convolution_block,
    image_normalization,
    scale_channels,
)
from tfmatting.layers.convolution import ConvolutionStyle

ENCODERS = ("mobilenet_v2", "mobilenet_v1", *SCALES)
DECODER_CHANNELS = (96, 32, 24, 16)
CLASS_ALPHA = (0.0, 0.5, 1.0)
"""Alpha of each trimap class: background, unknown, foreground."""


@dataclass(frozen=True)
class TNetConfig:
    """Configuration of T-Net. The defaults are the original; `MOBILE` has the mobile form.

    Attributes:
        input_size: (height, width), a multiple of `stride`.
        encoder: one of `ENCODERS`.
        width: multiplier of the channels of encoder and decoder.
        stem_stride: 1 (original) or 2 (mobile: a quarter of the work, and a bilinear enlargement
            at the end).
        stem_activation: "relu" (original) or "relu6".
        block_activation: of MobileNetV1's blocks, "relu6" (keras.applications) or "relu" (the
            original's `conv_dw`); the other encoders have ReLU6.
        expand_first_block: MobileNetV2's first block has a 1x1 convolution (original).
        levels: scales of the encoder that are used: 5, or 4, which omits the last stages and with
            them two thirds of the weights.
        prior_alpha: add a second input, the previous frame's alpha.
        image_skip: one more decoder step at full resolution, with the image as the skip connection;
            needs `stem_stride` 2.
        padding: "symmetric" (PyTorch's) or "same" (TensorFlow's).
        corner: corner rule of the enlargements; see `ResizeBilinear`.
        epsilon: of the batch normalization.
        mean: subtracted from the pixels (0..255), in `channel_order`.
        scale: divisor after the subtraction.
        channel_order: "bgr" (original) or "rgb".
    """

    input_size: Size = (320, 320)
    encoder: str = "mobilenet_v2"
    width: float = 1.0
    stem_stride: int = 1
    stem_activation: str = "relu"
    block_activation: str = "relu6"
    expand_first_block: bool = True
    levels: int = 5
    image_skip: bool = False
    prior_alpha: bool = False
    padding: str = "symmetric"
    corner: str = "align_corners"
    epsilon: float = 1e-5
    mean: tuple[float, float, float] = (114.0, 121.0, 134.0)
    scale: float = 255.0
    channel_order: str = "bgr"

    def __post_init__(self):
        if self.encoder not in ENCODERS:
            raise InputError(f"`encoder` must be one of {ENCODERS}. Received: {self.encoder!r}.")
        if self.stem_stride not in (1, 2):
            raise InputError(f"`stem_stride` must be 1 or 2. Received: {self.stem_stride}.")
        if self.block_activation not in ("relu6", "relu"):
            raise InputError(
                f"`block_activation` must be relu6 or relu. Received: {self.block_activation!r}."
            )
        if self.block_activation == "relu" and self.encoder != "mobilenet_v1":
            raise InputError(
                "`block_activation` relu is MobileNetV1's. "
                f"Received: encoder {self.encoder!r}. Set `encoder` to mobilenet_v1."
            )
        if self.levels not in (4, 5):
            raise InputError(f"`levels` must be 4 or 5. Received: {self.levels}.")
        if self.image_skip and self.stem_stride == 1:
            raise InputError(
                "`image_skip` needs `stem_stride` 2; at 1 a skip has full resolution already."
            )

    @property
    def stride(self) -> int:
        """The number that height and width must be multiples of."""
        return 2 ** (self.levels - 1) * self.stem_stride


MOBILE = {
    "stem_stride": 2,
    "stem_activation": "relu6",
    "expand_first_block": False,
    "padding": "same",
    "corner": "half_pixel",
    "epsilon": 1e-3,
    "mean": (127.5, 127.5, 127.5),
    "scale": 127.5,
    "channel_order": "rgb",
}
"""The mobile form: all as in keras.applications, so its weights fit without changes."""


def build_tnet(config: TNetConfig) -> keras.Model:
    """Build T-Net.

    Returns:
        A model `{"image": [B, H, W, 3] RGB 0..255}` (and "prior_alpha": float32 [B, H, W, 1] in
        [0, 1], zeros if there is none) -> `{"alpha": float32 [B, H, W, 1] in [0, 1],
        "trimap": float32 [B, H, W, 3], probabilities of background, unknown, foreground}`.
        alpha = P(foreground) + P(unknown) / 2. The layer "logits" holds the class scores.
    """
    style = ConvolutionStyle(padding=config.padding, epsilon=config.epsilon)
    image = keras.Input((*config.input_size, 3), name="image", dtype="float32")
    inputs = {"image": image}
    pixels = image_normalization(config.mean, config.scale, config.channel_order)(image)
    encoded = pixels
    if config.prior_alpha:
        prior = keras.Input((*config.input_size, 1), name="prior_alpha", dtype="float32")
        inputs["prior_alpha"] = prior
        encoded = layers.Concatenate(name="encoder_input")([pixels, prior])
    features = _encode(encoded, config, style)[: config.levels]
    x = _decode(features, config, style)
    if config.image_skip:
        x = ResizeBilinear(2, config.corner, name="last_up")(x)
        x = layers.Concatenate(name="image_skip")([x, pixels])
        x = convolution_block(
            x,
            x.shape[-1] - 3,
            style=style,
            use_bias=True,
            activation="relu",
            name="image_fusion",
            normalization_name="image_fusion_BN",
        )
    x = layers.Conv2D(3, 3, padding="same", name="last_conv")(x)
    if config.stem_stride == 2 and not config.image_skip:
        x = ResizeBilinear(2, config.corner, name="last_up")(x)
    # float32 at any training precision: probabilities in half precision show banding
    logits = layers.Activation("linear", name="logits", dtype="float32")(x)
    trimap = layers.Softmax(name="trimap", dtype="float32")(logits)
    alpha = FixedPointwise([[value] for value in CLASS_ALPHA], name="alpha")(trimap)
    return keras.Model(inputs, {"alpha": alpha, "trimap": trimap}, name="tnet")


def _encode(x, config: TNetConfig, style: ConvolutionStyle):
    if config.encoder in SCALES:
        return efficientnet_lite(
            x,
            config.encoder,
            style=style,
            stem_stride=config.stem_stride,
            stem_activation=config.stem_activation,
        )
    if config.encoder == "mobilenet_v1":
        return mobilenet_v1(
            x,
            style=style,
            stem_stride=config.stem_stride,
            stem_activation=config.stem_activation,
            width=config.width,
            activation=config.block_activation,
        )
    return mobilenet_v2(
        x,
        style=style,
        stem_stride=config.stem_stride,
        stem_activation=config.stem_activation,
        width=config.width,
        expand_first_block=config.expand_first_block,
    )


def _decode(features, config: TNetConfig, style: ConvolutionStyle):
    """From the deepest scale up: enlarge, convolve, add the skip connection, fuse."""
    *skips, x = features
    for stage in range(len(features), 1, -1):
        skip, channels = skips[stage - 2], DECODER_CHANNELS[-stage + 1]
        channels = scale_channels(channels, config.width)
        if skip.shape[-1] != channels:  # the features of some encoders are wider than the decoder
            skip = convolution_block(
                skip,
                channels,
                1,
                style=style,
                name=f"s{stage - 1}_lateral",
                normalization_name=f"s{stage - 1}_lateral_BN",
            )
        x = ResizeBilinear(2, config.corner, name=f"s{stage}_up")(x)
        x = convolution_block(
            x,
            channels,
            style=style,
            use_bias=True,
            activation="relu",
            name=f"s{stage}_up_conv",
            normalization_name=f"s{stage}_up_conv_BN",
        )
        x = layers.Add(name=f"s{stage - 1}_add")([x, skip])
        x = convolution_block(
            x,
            channels,
            style=style,
            use_bias=True,
            name=f"s{stage - 1}_fusion",
            normalization_name=f"s{stage - 1}_fusion_BN",
        )
    return x
