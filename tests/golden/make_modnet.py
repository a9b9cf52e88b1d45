"""Writes `modnet.npz`: what PyTorch's MODNet gives for weights and images made from a seed.

The network is written here from its published description, in PyTorch, and shares no code with
the package. Run `python -m tests.golden.make_modnet` (needs PyTorch) to make the file again.
"""

from __future__ import annotations

import json

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from tests.golden.make_segmenters import Residual
from tests.golden.modnet import CASES, prior, with_copies
from tests.golden.seeded import GOLDEN, seeded_image, seeded_state


def interpolate(x, factor):
    return functional.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


class HalfNorm(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.count = channels // 2
        self.bnorm = nn.BatchNorm2d(self.count)
        self.inorm = nn.InstanceNorm2d(channels - self.count, affine=False)

    def forward(self, x):
        return torch.cat([self.bnorm(x[:, : self.count]), self.inorm(x[:, self.count :])], 1)


class Block(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride=1, plain=False):
        super().__init__()
        convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2)
        parts = [] if plain else [HalfNorm(outputs), nn.ReLU()]
        self.layers = nn.Sequential(convolution, *parts)

    def forward(self, x):
        return self.layers(x)


class Squeeze(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.fc = nn.Sequential(
            nn.Linear(channels, channels // 4, bias=False),
            nn.ReLU(),
            nn.Linear(channels // 4, channels, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return x * self.fc(x.mean((2, 3)))[:, :, None, None]


class MobileNet(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        layers = [
            nn.Sequential(
                nn.Conv2d(inputs, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU6()
            )
        ]
        channels = 32
        for expansion, outputs, count, stride in (
            (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
            (6, 160, 3, 2), (6, 320, 1, 1),
        ):  # fmt: skip
            for index in range(count):
                layers.append(Residual(channels, outputs, stride if index == 0 else 1, expansion))
                channels = outputs
        last = nn.Conv2d(320, 1280, 1, bias=False)
        layers.append(nn.Sequential(last, nn.BatchNorm2d(1280), nn.ReLU6()))
        self.features = nn.Sequential(*layers)

    def forward(self, x):
        half = self.features[:2](x)
        quarter = self.features[2:4](half)
        return half, quarter, self.features[4:](quarter)


class Backbone(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.model = MobileNet(inputs)


class Low(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.se_block = Squeeze(1280)
        self.conv_lr16x = Block(1280, 96, 5)
        self.conv_lr8x = Block(96, 32, 5)
        self.conv_lr = Block(32, 1, 3, 2, plain=True)

    def forward(self, x):
        half, quarter, deep = self.backbone.model(x)
        x = self.conv_lr16x(interpolate(self.se_block(deep), 2))
        low = self.conv_lr8x(interpolate(x, 2))
        return torch.sigmoid(self.conv_lr(low)), low, half, quarter


class High(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.tohr_enc2x = Block(16, width, 1)
        self.conv_enc2x = Block(width + 3, width, 3, 2)
        self.tohr_enc4x = Block(24, width, 1)
        self.conv_enc4x = Block(2 * width, 2 * width, 3)
        self.conv_hr4x = nn.Sequential(
            Block(3 * width + 3, 2 * width, 3),
            Block(2 * width, 2 * width, 3),
            Block(2 * width, width, 3),
        )
        self.conv_hr2x = nn.Sequential(
            Block(2 * width, 2 * width, 3),
            Block(2 * width, width, 3),
            Block(width, width, 3),
            Block(width, width, 3),
        )
        self.conv_hr = nn.Sequential(Block(width + 3, width, 3), Block(width, 1, 1, plain=True))

    def forward(self, image, half, quarter, low):
        half = self.tohr_enc2x(half)
        x = self.conv_enc2x(torch.cat([interpolate(image, 0.5), half], 1))
        x = self.conv_enc4x(torch.cat([x, self.tohr_enc4x(quarter)], 1))
        x = self.conv_hr4x(torch.cat([x, interpolate(low, 2), interpolate(image, 0.25)], 1))
        x = self.conv_hr2x(torch.cat([interpolate(x, 2), half], 1))
        detail = self.conv_hr(torch.cat([interpolate(x, 2), image], 1))
        return torch.sigmoid(detail), x


class Fusion(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.conv_lr4x = Block(32, width, 5)
        self.conv_f2x = Block(2 * width, width, 3)
        self.conv_f = nn.Sequential(
            Block(width + 3, width // 2, 3), Block(width // 2, 1, 1, plain=True)
        )

    def forward(self, image, low, high):
        x = interpolate(self.conv_lr4x(interpolate(low, 2)), 2)
        x = interpolate(self.conv_f2x(torch.cat([x, high], 1)), 2)
        return torch.sigmoid(self.conv_f(torch.cat([x, image], 1)))


class MODNet(nn.Module):
    def __init__(self, inputs=3):
        super().__init__()
        self.backbone = Backbone(inputs)
        self.lr_branch = Low(self.backbone)
        self.hr_branch = High()
        self.f_branch = Fusion()

    def forward(self, x):
        image = x[:, :3]
        semantic, low, half, quarter = self.lr_branch(x)
        detail, high = self.hr_branch(image, half, quarter, low)
        return {
            "semantic": semantic,
            "detail": detail,
            "alpha": self.f_branch(image, low, high),
        }


def main() -> None:
    arrays = {}
    for inputs in (3, 4):
        network = MODNet(inputs).eval()
        shapes = {
            f"module.{key}": list(value.shape)
            for key, value in network.state_dict().items()
            if not key.endswith("num_batches_tracked")
        }
        text = json.dumps(shapes, separators=(",", ":"))
        (GOLDEN / f"modnet_{inputs}_shapes.json").write_text(text + "\n")
        state = with_copies(seeded_state(shapes))
        network.load_state_dict(
            {key.removeprefix("module."): torch.from_numpy(v) for key, v in state.items()},
            strict=False,
        )
        arrays[f"parameters_{inputs}"] = np.array(sum(p.numel() for p in network.parameters()))
        for size, step in CASES:
            pixels = (seeded_image(size).astype(np.float32) - 127.5) / 127.5
            if inputs == 4:
                pixels = np.concatenate([pixels, prior(size)], axis=-1)
            with torch.no_grad():
                outputs = network(torch.from_numpy(pixels.transpose(2, 0, 1)[None].copy()))
            for key, value in outputs.items():
                array = value[0, 0].numpy()
                name = "{}_{}_{}x{}".format(key, inputs, *size)
                arrays[name] = array if key == "semantic" else array[::step, ::step]
    np.savez_compressed(GOLDEN / "modnet.npz", **arrays)
    print({name: (value.shape, value.std()) for name, value in arrays.items()})


if __name__ == "__main__":
    main()
