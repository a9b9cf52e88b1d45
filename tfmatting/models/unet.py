"""U-Net, the segmentation baseline.

Source: Ronneberger et al., "U-Net", MICCAI 2015, in the form of milesial's PyTorch code:
31,037,698 parameters with transposed convolutions and two classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

from tfmatting.config import Size
from tfmatting.layers import NORMALIZATIONS, ResizeBilinear, convolution_block, image_normalization
from tfmatting.layers.convolution import ConvolutionStyle
from tfmatting.models.segmentation_head import (
    PERSON_CLASS,
    check_classes,
    person_alpha,
    probabilities,
)

CHANNELS = (64, 128, 256, 512, 1024)


@dataclass(frozen=True)
class UNetConfig:
    """Configuration of U-Net. The defaults are those of the PyTorch code.

    Attributes:
        input_size: (height, width), a multiple of 16.
        bilinear: enlarge bilinearly instead of with transposed convolutions.
        width: multiplier of all channel counts.
        classes: 1 for a sigmoid, 2 or more for a softmax.
        person_class: the class that becomes alpha.
        corner: corner rule of the bilinear enlargements.
        mean: subtracted from the pixels (RGB, 0..255); see `NORMALIZATIONS`.
        scale: divisor of each channel after the subtraction.
    """

    input_size: Size = (320, 320)
    bilinear: bool = False
    width: float = 1.0
    classes: int = 2
    person_class: int = PERSON_CLASS
    corner: str = "align_corners"
    mean: tuple[float, float, float] = NORMALIZATIONS["unit"][0]
    scale: tuple[float, float, float] = NORMALIZATIONS["unit"][1]

    def __post_init__(self):
        check_classes(self.classes, self.person_class)

    @property
    def stride(self) -> int:
        """The number that height and width must be multiples of."""
        return 16


def build_unet(config: UNetConfig) -> keras.Model:
    """Build U-Net.

    Returns:
        A model `{"image": [B, H, W, 3] RGB 0..255}` -> {"alpha": float32 [B, H, W, 1] in [0, 1],
        "classes": float32 [B, H, W, C], probabilities}. The layer "logits" holds the class scores.
    """
    channels = [max(1, round(count * config.width)) for count in CHANNELS]
    halved = 2 if config.bilinear else 1
    channels[-1] //= halved
    image = keras.Input((*config.input_size, 3), name="image", dtype="float32")
    x = image_normalization(config.mean, config.scale)(image)
    skips = []
    for number, count in enumerate(channels):
        name = f"down{number}" if number else "inc"
        if number:
            skips.append(x)
            x = layers.MaxPooling2D(2, name=f"{name}_pool")(x)
        x = _double_convolution(x, count, count, name)
    for number, skip in enumerate(reversed(skips), start=1):
        name = f"up{number}"
        joined = x.shape[-1] + skip.shape[-1]
        if config.bilinear:
            x = ResizeBilinear(2, config.corner, name=f"{name}_up")(x)
            wanted = skip.shape[-1] // (halved if number < len(skips) else 1)
            middle = joined // 2
        else:
            x = layers.Conv2DTranspose(x.shape[-1] // 2, 2, strides=2, name=f"{name}_up")(x)
            wanted = middle = skip.shape[-1]
        x = layers.Concatenate(name=f"{name}_concat")([skip, x])
        x = _double_convolution(x, middle, wanted, name)
    scores = layers.Conv2D(config.classes, 1, name="logits", dtype="float32")(x)
    classes = probabilities(scores, "classes")
    return keras.Model(
        {"image": image},
        {"alpha": person_alpha(classes, config.person_class), "classes": classes},
        name="unet",
    )


def _double_convolution(x, middle: int, channels: int, name: str):
    for part, count in enumerate((middle, channels)):
        x = convolution_block(
            x,
            count,
            style=ConvolutionStyle(),
            activation="relu",
            name=f"{name}_conv{part}",
            normalization_name=f"{name}_conv{part}_BN",
        )
    return x
