"""Writes `tnet.npz` and `tnet_conv_dw.npz`: PyTorch's T-Nets for seeded weights and images.

The network is written here from its published description, in PyTorch, and shares no code with
the package. Run `python -m tests.golden.make_tnet` (needs PyTorch) to make the file again.
"""

from __future__ import annotations

import json

import numpy as np
import torch
from torch import nn

from tests.golden.seeded import GOLDEN, SIZES, seeded_image, seeded_state
from tests.golden.tnet import bright


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        wide = inputs * expansion
        self.same = stride == 1 and inputs == outputs
        self.conv = nn.Sequential(
            nn.Conv2d(inputs, wide, 1, bias=False),
            nn.BatchNorm2d(wide),
            nn.ReLU6(),
            nn.Conv2d(wide, wide, 3, stride, 1, groups=wide, bias=False),
            nn.BatchNorm2d(wide),
            nn.ReLU6(),
            nn.Conv2d(wide, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x):
        return x + self.conv(x) if self.same else self.conv(x)


def stage(inputs, outputs, count, stride):
    first = Residual(inputs, outputs, stride, 6)
    return nn.Sequential(first, *(Residual(outputs, outputs, 1, 6) for _ in range(count - 1)))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.head_conv = nn.Sequential(
            nn.Conv2d(3, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU()
        )
        self.block_1 = Residual(32, 16, 1, 1)
        self.block_2 = stage(16, 24, 2, 2)
        self.block_3 = stage(24, 32, 3, 2)
        self.block_4 = stage(32, 64, 4, 2)
        self.block_5 = stage(64, 96, 3, 1)
        self.block_6 = stage(96, 160, 3, 2)
        self.block_7 = Residual(160, 320, 1, 6)

    def forward(self, x):
        first = self.block_1(self.head_conv(x))
        second = self.block_2(first)
        third = self.block_3(second)
        fourth = self.block_5(self.block_4(third))
        return first, second, third, fourth, self.block_7(self.block_6(fourth))


def separable(inputs, outputs, stride):
    """`conv_dw`: a depthwise and a pointwise convolution, each with ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs, bias=False),
        nn.BatchNorm2d(inputs),
        nn.ReLU(),
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


class SeparableEncoder(nn.Module):
    """MobileNetV1's blocks, in the places of the inverted residuals."""

    def __init__(self):
        super().__init__()
        self.head_conv = nn.Sequential(
            nn.Conv2d(3, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU()
        )
        self.block_1 = separable(32, 64, 1)
        for number, (inputs, count) in enumerate(((64, 2), (128, 2), (256, 6), (512, 2)), start=2):
            wide = 2 * inputs
            blocks = [separable(inputs, wide, 2)]
            blocks += [separable(wide, wide, 1) for _ in range(count - 1)]
            setattr(self, f"block_{number}", nn.Sequential(*blocks))

    def forward(self, x):
        features = [self.block_1(self.head_conv(x))]
        for number in (2, 3, 4, 5):
            features.append(getattr(self, f"block_{number}")(features[-1]))
        return features


class TNet(nn.Module):
    def __init__(self, encoder, channels):
        super().__init__()
        self.feature = encoder
        self.lateral = channels[-1] != 320
        for level, (deep, shallow) in zip(
            (5, 4, 3, 2), ((channels[-1], 96), (96, 32), (32, 24), (24, 16)), strict=True
        ):
            if self.lateral:
                convolution = nn.Conv2d(channels[level - 2], shallow, 1, bias=False)
                lateral = nn.Sequential(convolution, nn.BatchNorm2d(shallow))
                setattr(self, f"s{level - 1}_lateral", lateral)
            up = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
            convolution = nn.Conv2d(deep, shallow, 3, 1, 1)
            setattr(
                self,
                f"s{level}_up_conv",
                nn.Sequential(up, convolution, nn.BatchNorm2d(shallow), nn.ReLU()),
            )
            fusion = nn.Sequential(nn.Conv2d(shallow, shallow, 3, 1, 1), nn.BatchNorm2d(shallow))
            setattr(self, f"s{level - 1}_fusion", fusion)
        self.last_conv = nn.Conv2d(16, 3, 3, 1, 1)

    def forward(self, x):
        *skips, x = self.feature(x)
        for level, skip in zip((5, 4, 3, 2), reversed(skips), strict=True):
            skip = getattr(self, f"s{level - 1}_lateral")(skip) if self.lateral else skip
            x = getattr(self, f"s{level}_up_conv")(x) + skip
            x = getattr(self, f"s{level - 1}_fusion")(x)
        return self.last_conv(x)


def main() -> None:
    write("tnet", TNet(Encoder(), (16, 24, 32, 96, 320)))
    write("tnet_conv_dw", TNet(SeparableEncoder(), (64, 128, 256, 512, 1024)))


def write(name: str, network: nn.Module) -> None:
    """Write a network's shapes, logits and parameter count."""
    network.eval()
    shapes = {
        key: list(value.shape)
        for key, value in network.state_dict().items()
        if not key.endswith("num_batches_tracked")
    }
    (GOLDEN / f"{name}_shapes.json").write_text(json.dumps(shapes, indent=0) + "\n")
    seeded = seeded_state(shapes)
    if name == "tnet_conv_dw":
        seeded = bright(seeded)
    state = {key: torch.from_numpy(value) for key, value in seeded.items()}
    network.load_state_dict(state, strict=False)
    arrays = {}
    for size in SIZES:
        bgr = seeded_image(size)[..., ::-1].astype(np.float32)
        normalised = (bgr - np.array((114, 121, 134), np.float32)) / 255
        with torch.no_grad():
            logits = network(torch.from_numpy(normalised.transpose(2, 0, 1)[None].copy()))
        arrays["logits_{}x{}".format(*size)] = logits[0].numpy().transpose(1, 2, 0)
    arrays["parameters"] = np.array(sum(p.numel() for p in network.parameters()))
    np.savez_compressed(GOLDEN / f"{name}.npz", **arrays)
    print({key: value.shape for key, value in arrays.items()}, arrays["parameters"])


if __name__ == "__main__":
    main()
