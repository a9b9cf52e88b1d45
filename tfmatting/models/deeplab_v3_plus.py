"""DeepLabV3+: an atrous pyramid, then a decoder with one skip connection at 1/4.

Source: Chen et al., "Encoder-Decoder with Atrous Separable Convolution for Semantic Image
Segmentation", ECCV 2018, in the form of the PyTorch code that portrait tutorials use:
5,813,266 parameters with MobileNetV2 and two classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

from tfmatting.backbones.mobilenet_v1 import mobilenet_v1
from tfmatting.backbones.mobilenet_v2 import mobilenet_v2
from tfmatting.backbones.xception import xception
from tfmatting.config import Size
from tfmatting.errors import InputError
from tfmatting.layers import NORMALIZATIONS, ResizeBilinear, convolution_block, image_normalization
from tfmatting.layers.atrous_pyramid import atrous_pyramid
from tfmatting.layers.convolution import ConvolutionStyle
from tfmatting.models.segmentation_head import (
    PERSON_CLASS,
    check_classes,
    enlargement,
    person_alpha,
    probabilities,
)

ENCODERS = ("mobilenet_v2", "mobilenet_v1", "xception")
RATES = (6, 12, 18)
"""Dilations at an output stride of 16; at 8 they are doubled."""


@dataclass(frozen=True)
class DeepLabV3PlusConfig:
    """Configuration of DeepLabV3+. The defaults are those of the PyTorch code.

    Attributes:
        input_size: (height, width), a multiple of `stride`.
        encoder: one of `ENCODERS`.
        output_stride: downsampling of the encoder, 16 or 8.
        width: multiplier of the mobile encoders' channels.
        classes: 1 for a sigmoid, 2 or more for a softmax.
        person_class: the class that becomes alpha.
        padding: padding rule of the encoder: "symmetric" (PyTorch's) or "same" (TensorFlow's).
        corner: corner rule of the enlargements.
        epsilon: of the encoder's batch normalization.
        mean: subtracted from the pixels (RGB, 0..255); see `NORMALIZATIONS`.
        scale: divisor of each channel after the subtraction.
    """

    input_size: Size = (512, 512)
    encoder: str = "mobilenet_v2"
    output_stride: int = 16
    width: float = 1.0
    classes: int = 2
    person_class: int = PERSON_CLASS
    padding: str = "symmetric"
    corner: str = "align_corners"
    epsilon: float = 1e-5
    mean: tuple[float, float, float] = NORMALIZATIONS["symmetric"][0]
    scale: tuple[float, float, float] = NORMALIZATIONS["symmetric"][1]

    def __post_init__(self):
        if self.encoder not in ENCODERS:
            raise InputError(f"`encoder` must be one of {ENCODERS}. Received: {self.encoder!r}.")
        if self.output_stride not in (8, 16):
            raise InputError(f"`output_stride` must be 8 or 16. Received: {self.output_stride}.")
        check_classes(self.classes, self.person_class)

    @property
    def stride(self) -> int:
        """The number that height and width must be multiples of."""
        return self.output_stride


TENSORFLOW = {"padding": "same", "epsilon": 1e-3, "corner": "half_pixel"}
"""Settings that fit the weights of keras.applications without changes."""


def build_deeplab_v3_plus(config: DeepLabV3PlusConfig) -> keras.Model:
    """Build DeepLabV3+.

    Returns:
        A model `{"image": [B, H, W, 3] RGB 0..255}` -> {"alpha": float32 [B, H, W, 1] in [0, 1],
        "classes": float32 [B, H, W, C], probabilities}. The layer "logits" holds the class scores.
    """
    style = ConvolutionStyle()
    image = keras.Input((*config.input_size, 3), name="image", dtype="float32")
    pixels = image_normalization(config.mean, config.scale)(image)
    low_level, x = _encode(pixels, config)
    rates = [rate * 16 // config.output_stride for rate in RATES]
    x = atrous_pyramid(x, rates, style=style, name="aspp", use_bias=True)

    def block(x, filters, kernel_size, name):
        return convolution_block(
            x,
            filters,
            kernel_size,
            style=style,
            use_bias=True,
            activation="relu",
            name=name,
            normalization_name=f"{name}_BN",
        )

    skip = block(low_level, 48, 1, "shortcut")
    x = ResizeBilinear(enlargement(x, skip.shape[1:3]), config.corner, name="aspp_up")(x)
    x = layers.Concatenate(name="decoder_concat")([x, skip])
    x = layers.Dropout(0.5, name="decoder_dropout_0")(block(x, 256, 3, "decoder_0"))
    x = layers.Dropout(0.1, name="decoder_dropout_1")(block(x, 256, 3, "decoder_1"))
    x = layers.Conv2D(config.classes, 1, name="classes_conv")(x)
    factor = enlargement(x, config.input_size)
    x = ResizeBilinear(factor, config.corner, name="logits", dtype="float32")(x)
    classes = probabilities(x, "classes")
    return keras.Model(
        {"image": image},
        {"alpha": person_alpha(classes, config.person_class), "classes": classes},
        name="deeplab_v3_plus",
    )


def _encode(x, config: DeepLabV3PlusConfig):
    """Return the features at 1/4 and at the output stride."""
    style = ConvolutionStyle(padding=config.padding, epsilon=config.epsilon)
    if config.encoder == "xception":
        return xception(x, style=style, output_stride=config.output_stride)
    if config.encoder == "mobilenet_v1":
        features = mobilenet_v1(
            x, style=style, width=config.width, stem_stride=2, output_stride=config.output_stride
        )
    else:
        features = mobilenet_v2(
            x, style=style, width=config.width, output_stride=config.output_stride
        )
    return features[1], features[-1]
