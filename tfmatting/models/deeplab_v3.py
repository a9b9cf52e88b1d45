"""DeepLabV3: a dilated encoder, an atrous pyramid, and class scores enlarged to full size.

Source: Chen et al., "Rethinking Atrous Convolution for Semantic Image Segmentation", 2017, in
torchvision's form: 39,633,986 parameters with ResNet-50 and two classes, 2,360,322 more in the
auxiliary head.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import keras
from keras import layers

from tfmatting.backbones.mobilenet_v2 import mobilenet_v2
from tfmatting.backbones.mobilenet_v3 import mobilenet_v3
from tfmatting.backbones.resnet import BLOCKS, resnet
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

ENCODERS = (*BLOCKS, "mobilenet_v3_large", "mobilenet_v2")
RATES = (12, 24, 36)
"""Dilations of the pyramid in torchvision's networks, whatever the output stride."""
PAPER_RATES = {16: (6, 12, 18), 8: (12, 24, 36)}
"""By output stride; of the encoder that torchvision's DeepLabV3 does not have."""


@dataclass(frozen=True)
class DeepLabV3Config:
    """Configuration of DeepLabV3. The defaults are torchvision's.

    Attributes:
        input_size: (height, width), a multiple of `stride`.
        encoder: one of `ENCODERS`.
        output_stride: 8 or 16; 16 with MobileNetV3.
        classes: 1 for a sigmoid, 2 or more for a softmax.
        person_class: the class that becomes alpha.
        auxiliary: add a second head on shallower features, for training.
        corner: corner rule of the enlargement.
        dropout: rate after the pyramid.
        mean: subtracted from the pixels (RGB, 0..255); see `NORMALIZATIONS`.
        scale: divisor of each channel after the subtraction.
    """

    input_size: Size = (320, 320)
    encoder: str = "resnet50"
    output_stride: int = 8
    classes: int = 2
    person_class: int = PERSON_CLASS
    auxiliary: bool = False
    corner: str = "half_pixel"
    dropout: float = 0.5
    mean: tuple[float, float, float] = NORMALIZATIONS["imagenet"][0]
    scale: tuple[float, float, float] = NORMALIZATIONS["imagenet"][1]

    def __post_init__(self):
        if self.encoder not in ENCODERS:
            raise InputError(f"`encoder` must be one of {ENCODERS}. Received: {self.encoder!r}.")
        allowed = (16,) if self.encoder == "mobilenet_v3_large" else (8, 16)
        if self.output_stride not in allowed:
            raise InputError(
                f"`output_stride` of {self.encoder} must be one of {allowed}. Received: "
                f"{self.output_stride}."
            )
        check_classes(self.classes, self.person_class)

    @property
    def stride(self) -> int:
        """The number that height and width must be multiples of."""
        return self.output_stride


def build_deeplab_v3(config: DeepLabV3Config) -> keras.Model:
    """Build DeepLabV3.

    Returns:
        A model `{"image": [B, H, W, 3] RGB 0..255}` -> {"alpha": float32 [B, H, W, 1] in [0, 1],
        "classes": float32 [B, H, W, C], probabilities; "auxiliary": the same from the second head,
        if there is one}. The layer "logits" holds the class scores.
    """
    style = ConvolutionStyle()
    image = keras.Input((*config.input_size, 3), name="image", dtype="float32")
    x = image_normalization(config.mean, config.scale)(image)
    shallower, features = _encode(x, config)
    mobile = config.encoder == "mobilenet_v2"
    rates = PAPER_RATES[config.output_stride] if mobile else RATES
    x = atrous_pyramid(features, rates, style=style, name="aspp")
    x = layers.Dropout(config.dropout, name="aspp_dropout")(x)
    x = convolution_block(
        x, 256, style=style, activation="relu", name="head", normalization_name="head_BN"
    )
    classes = _classify(x, config, "logits", "classes")
    outputs = {"alpha": person_alpha(classes, config.person_class), "classes": classes}
    if config.auxiliary:
        outputs["auxiliary"] = _auxiliary(shallower, config, style)
    return keras.Model({"image": image}, outputs, name="deeplab_v3")


def _encode(x, config: DeepLabV3Config):
    """Return the features that the auxiliary head reads, and those at the output stride."""
    if config.encoder in BLOCKS:
        style = ConvolutionStyle(epsilon=1e-5)
        features = resnet(x, config.encoder, style=style, output_stride=config.output_stride)
        return features[3], features[-1]
    style = ConvolutionStyle(epsilon=1e-3)
    if config.encoder == "mobilenet_v2":  # padded as the ImageNet weights were trained
        style = replace(style, padding="same")
        features = mobilenet_v2(x, style=style, output_stride=config.output_stride)
        return features[3], features[-1]
    features = mobilenet_v3(x, config.encoder, style=style, output_stride=config.output_stride)
    return features[2], features[-1]


def _auxiliary(x, config: DeepLabV3Config, style: ConvolutionStyle):
    """Add the fully convolutional head on shallower features."""
    x = convolution_block(
        x,
        x.shape[-1] // 4,
        style=style,
        activation="relu",
        name="auxiliary_head",
        normalization_name="auxiliary_head_BN",
    )
    x = layers.Dropout(0.1, name="auxiliary_dropout")(x)
    return _classify(x, config, "auxiliary_logits", "auxiliary")


def _classify(x, config: DeepLabV3Config, scores_name: str, name: str):
    x = layers.Conv2D(config.classes, 1, name=f"{name}_conv")(x)
    factor = enlargement(x, config.input_size)
    x = ResizeBilinear(factor, config.corner, name=scores_name, dtype="float32")(x)
    return probabilities(x, name)
