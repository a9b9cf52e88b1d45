"""Writes `NAME.npz` and `NAME_shapes.json` of the segmenters: what PyTorch's networks give.

DeepLabV3 is torchvision's own. DeepLabV3+ and U-Net are written here from their published
description, and share no code with the package. Run `python -m tests.golden.make_segmenters`
(needs PyTorch and torchvision) to make the files again.
"""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from tests.golden.seeded import GOLDEN, seeded_image, seeded_state
from tests.golden.segmenters import SEGMENTERS


def residual(inputs, outputs, stride, expansion):
    """MobileNetV2's block without a first 1x1 where nothing is expanded."""
    wide = inputs * expansion
    parts = [nn.Conv2d(inputs, wide, 1, bias=False), nn.BatchNorm2d(wide), nn.ReLU6()]
    parts = parts if expansion > 1 else []
    parts += [
        nn.Conv2d(wide, wide, 3, stride, 1, groups=wide, bias=False),
        nn.BatchNorm2d(wide),
        nn.ReLU6(),
        nn.Conv2d(wide, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return parts


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        self.same = stride == 1 and inputs == outputs
        self.conv = nn.Sequential(*residual(inputs, outputs, stride, expansion))

    def forward(self, x):
        return x + self.conv(x) if self.same else self.conv(x)


class Encoder(nn.Module):
    def __init__(self, downsampling):
        super().__init__()
        layers = [
            nn.Sequential(nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU6())
        ]
        inputs = 32
        for expansion, outputs, count, stride in (
            (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
            (6, 160, 3, 2), (6, 320, 1, 1),
        ):  # fmt: skip
            for index in range(count):
                layers.append(Residual(inputs, outputs, stride if index == 0 else 1, expansion))
                inputs = outputs
        self.features = nn.Sequential(*layers)
        dilations = [(14, 18, 2)] if downsampling == 16 else [(7, 14, 2), (14, 18, 4)]
        for first, last, dilation in dilations:
            for layer in self.features[first:last]:
                for module in layer.modules():
                    if isinstance(module, nn.Conv2d) and module.kernel_size == (3, 3):
                        rate = dilation // 2 if module.stride == (2, 2) else dilation
                        module.stride = (1, 1)
                        module.dilation = module.padding = (rate, rate)

    def forward(self, x):
        low = self.features[:4](x)
        return low, self.features[4:](low)


class Separable(nn.Module):
    """A depthwise and a 1x1 convolution; ReLU before both, or after each."""

    def __init__(self, inputs, outputs, stride=1, rate=1, before=True):
        super().__init__()
        options = {"groups": inputs, "bias": False}
        self.depthwise = nn.Conv2d(inputs, inputs, 3, stride, rate, rate, **options)
        self.bn1 = nn.BatchNorm2d(inputs)
        self.pointwise = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.before = before

    def forward(self, x):
        if self.before:
            return self.bn2(self.pointwise(self.bn1(self.depthwise(torch.relu(x)))))
        return torch.relu(self.bn2(self.pointwise(torch.relu(self.bn1(self.depthwise(x))))))


class Shortcut(nn.Module):
    """Three separable convolutions. Where nothing else stands in the shortcut, the published code
    changes its input in place: the first ReLU acts on the shortcut too."""

    def __init__(self, channels, stride=1, rate=1):
        super().__init__()
        self.project = channels[0] != channels[-1] or stride > 1
        if self.project:
            self.skip = nn.Conv2d(channels[0], channels[-1], 1, stride, bias=False)
            self.skipbn = nn.BatchNorm2d(channels[-1])
        for number, (inputs, outputs) in enumerate(pairwise(channels), 1):
            step = stride if number == 3 else 1
            setattr(self, f"sepconv{number}", Separable(inputs, outputs, step, rate))

    def forward(self, x):
        shortcut = self.skipbn(self.skip(x)) if self.project else torch.relu(x)
        self.tapped = self.sepconv2(self.sepconv1(x))
        return self.sepconv3(self.tapped) + shortcut


class AlignedXception(nn.Module):
    def __init__(self, downsampling):
        super().__init__()
        rate = 16 // downsampling
        self.conv1 = nn.Conv2d(3, 32, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(32)
        self.conv2 = nn.Conv2d(32, 64, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(64)
        self.block1 = Shortcut((64, 128, 128, 128), 2)
        self.block2 = Shortcut((128, 256, 256, 256), 2)
        self.block3 = Shortcut((256, 728, 728, 728), 2 // rate)
        for number in range(4, 20):
            setattr(self, f"block{number}", Shortcut((728,) * 4, 1, rate))
        self.block20 = Shortcut((728, 728, 1024, 1024), 1, rate)
        self.conv3 = Separable(1024, 1536, 1, rate, before=False)
        self.conv4 = Separable(1536, 1536, 1, rate, before=False)
        self.conv5 = Separable(1536, 2048, 1, rate, before=False)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = torch.relu(self.bn2(self.conv2(x)))
        for number in range(1, 21):
            x = getattr(self, f"block{number}")(x)
        return self.block2.tapped, self.conv5(self.conv4(self.conv3(x)))


def block(inputs, outputs, kernel, rate=1):
    padding = rate if kernel == 3 else 0
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, 1, padding, rate), nn.BatchNorm2d(outputs), nn.ReLU()
    )


class Pyramid(nn.Module):
    def __init__(self, inputs, rate):
        super().__init__()
        self.branch1 = block(inputs, 256, 1)
        for number, dilation in ((2, 6), (3, 12), (4, 18)):
            setattr(self, f"branch{number}", block(inputs, 256, 3, dilation * rate))
        self.branch5_conv = nn.Conv2d(inputs, 256, 1)
        self.branch5_bn = nn.BatchNorm2d(256)
        self.conv_cat = block(1280, 256, 1)

    def forward(self, x):
        whole = functional.relu(self.branch5_bn(self.branch5_conv(x.mean((2, 3), keepdim=True))))
        branches = [getattr(self, f"branch{number}")(x) for number in (1, 2, 3, 4)]
        return self.conv_cat(torch.cat([*branches, whole.expand_as(branches[0])], 1))


class DeepLabPlus(nn.Module):
    def __init__(self, classes=2, downsampling=16, xception=False):
        super().__init__()
        self.backbone = (AlignedXception if xception else Encoder)(downsampling)
        self.aspp = Pyramid(2048 if xception else 320, 16 // downsampling)
        self.shortcut_conv = block(256 if xception else 24, 48, 1)
        self.cat_conv = nn.Sequential(
            *block(304, 256, 3), nn.Dropout(0.5), *block(256, 256, 3), nn.Dropout(0.1)
        )
        self.cls_conv = nn.Conv2d(256, classes, 1)

    def forward(self, x):
        options = {"mode": "bilinear", "align_corners": True}
        low, deep = self.backbone(x)
        low = self.shortcut_conv(low)
        deep = functional.interpolate(self.aspp(deep), low.shape[2:], **options)
        scores = self.cls_conv(self.cat_conv(torch.cat((deep, low), 1)))
        return functional.interpolate(scores, x.shape[2:], **options)


class Double(nn.Module):
    def __init__(self, inputs, outputs, middle=None):
        super().__init__()
        middle = middle or outputs
        self.double_conv = nn.Sequential(
            nn.Conv2d(inputs, middle, 3, padding=1, bias=False),
            nn.BatchNorm2d(middle),
            nn.ReLU(),
            nn.Conv2d(middle, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
        )

    def forward(self, x):
        return self.double_conv(x)


class Down(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.maxpool_conv = nn.Sequential(nn.MaxPool2d(2), Double(inputs, outputs))

    def forward(self, x):
        return self.maxpool_conv(x)


class Up(nn.Module):
    def __init__(self, inputs, outputs, bilinear):
        super().__init__()
        if bilinear:
            self.up = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
            self.conv = Double(inputs, outputs, inputs // 2)
        else:
            self.up = nn.ConvTranspose2d(inputs, inputs // 2, 2, 2)
            self.conv = Double(inputs, outputs)

    def forward(self, x, skip):
        return self.conv(torch.cat([skip, self.up(x)], 1))


class Out(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x):
        return self.conv(x)


class UNet(nn.Module):
    def __init__(self, classes=2, bilinear=False):
        super().__init__()
        half = 2 if bilinear else 1
        self.inc = Double(3, 64)
        for number, (inputs, outputs) in enumerate(
            ((64, 128), (128, 256), (256, 512), (512, 1024 // half)), start=1
        ):
            setattr(self, f"down{number}", Down(inputs, outputs))
        for number, (inputs, outputs) in enumerate(
            ((1024, 512 // half), (512, 256 // half), (256, 128 // half), (128, 64)), start=1
        ):
            setattr(self, f"up{number}", Up(inputs, outputs, bilinear))
        self.outc = Out(64, classes)

    def forward(self, x):
        features = [self.inc(x)]
        for number in range(1, 5):
            features.append(getattr(self, f"down{number}")(features[-1]))
        x = features[-1]
        for number in range(1, 5):
            x = getattr(self, f"up{number}")(x, features[4 - number])
        return self.outc(x)


def torchvision_network(name):
    """torchvision's own; its compiled operators, which no segmenter uses, may be missing."""
    register, torch.library.register_fake = torch.library.register_fake, lambda *_: lambda f: f
    try:
        from torchvision.models import segmentation
    finally:
        torch.library.register_fake = register
    builder = getattr(segmentation, name)
    return builder(weights=None, weights_backbone=None, num_classes=21, aux_loss=True)


NETWORKS = {
    "deeplab_v3_resnet50": lambda: torchvision_network("deeplabv3_resnet50"),
    "deeplab_v3_resnet101": lambda: torchvision_network("deeplabv3_resnet101"),
    "deeplab_v3_mobilenet_v3_large": lambda: torchvision_network("deeplabv3_mobilenet_v3_large"),
    "deeplab_v3_plus_16": lambda: DeepLabPlus(downsampling=16),
    "deeplab_v3_plus_8": lambda: DeepLabPlus(downsampling=8),
    "deeplab_v3_plus_xception_16": lambda: DeepLabPlus(downsampling=16, xception=True),
    "deeplab_v3_plus_xception_8": lambda: DeepLabPlus(downsampling=8, xception=True),
    "unet": lambda: UNet(),
    "unet_bilinear": lambda: UNet(bilinear=True),
}


def main() -> None:
    for name, case in SEGMENTERS.items():
        network = NETWORKS[name]().eval()
        shapes = {
            key: list(value.shape)
            for key, value in network.state_dict().items()
            if not key.endswith("num_batches_tracked")
        }
        text = json.dumps(shapes, separators=(",", ":"))
        (GOLDEN / f"{name}_shapes.json").write_text(text + "\n")
        state = {key: torch.from_numpy(value) for key, value in seeded_state(shapes).items()}
        network.load_state_dict(state, strict=False)
        arrays = {"parameters": np.array(sum(p.numel() for p in network.parameters()))}
        for size in case.sizes:
            pixels = (seeded_image(size).astype(np.float32) - case.mean) / case.scale
            with torch.no_grad():
                result = network(torch.from_numpy(pixels.transpose(2, 0, 1)[None].copy()))
            outputs = result if isinstance(result, dict) else {"out": result}
            for key, value in outputs.items():
                logits = value[0].numpy().transpose(1, 2, 0)
                arrays["{}_{}x{}".format(key, *size)] = logits
        np.savez_compressed(GOLDEN / f"{name}.npz", **arrays)
        print(name, arrays["parameters"], [v.std() for v in arrays.values() if v.ndim])


if __name__ == "__main__":
    main()
