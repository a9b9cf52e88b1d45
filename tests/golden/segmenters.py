"""The segmenters of `make_segmenters`: how to build ours, and the pixels theirs take."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

IMAGENET = (np.float32([123.675, 116.28, 103.53]), np.float32([58.395, 57.12, 57.375]))
UNIT = (np.float32(0), np.float32(255))


@dataclass(frozen=True)
class Segmenter:
    """One network: its registry name and options, its pixels' mean and scale, and sizes."""

    model: str
    pixels: tuple
    options: dict = field(default_factory=dict)
    sizes: tuple = ((32, 48), (64, 32))

    @property
    def mean(self):
        return self.pixels[0]

    @property
    def scale(self):
        return self.pixels[1]


SEGMENTERS = {
    "deeplab_v3_resnet50": Segmenter("deeplab_v3", UNIT),
    "deeplab_v3_resnet101": Segmenter("deeplab_v3", IMAGENET, sizes=((32, 32), (16, 40))),
    "deeplab_v3_mobilenet_v3_large": Segmenter("deeplab_v3", IMAGENET),
    "deeplab_v3_plus_16": Segmenter("deeplab_v3_plus", UNIT),
    "deeplab_v3_plus_8": Segmenter("deeplab_v3_plus", UNIT, {"output_stride": 8}),
    "deeplab_v3_plus_xception_16": Segmenter(
        "deeplab_v3_plus", UNIT, {"encoder": "xception"}, ((32, 48),)
    ),
    "deeplab_v3_plus_xception_8": Segmenter(
        "deeplab_v3_plus", UNIT, {"encoder": "xception", "output_stride": 8}, ((48, 32),)
    ),
    "unet": Segmenter("unet", UNIT),
    "unet_bilinear": Segmenter("unet", UNIT, {"bilinear": True}),
}
