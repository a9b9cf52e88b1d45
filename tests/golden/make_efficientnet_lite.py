"""Writes `efficientnet_lite.npz`: what PyTorch's port gives for weights and an image from a seed.

Needs PyTorch and the packages `efficientnet_lite_pytorch` (the port of tensorflow/tpu's code).
Run `python -m tests.golden.make_efficientnet_lite` to make the file again.
"""

from __future__ import annotations

import json

import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet

from tests.golden.seeded import GOLDEN, seeded_image, seeded_state

SIZE = (64, 96)
VARIANTS = ("efficientnet_lite0", "efficientnet_lite2")
HEAD = ("_conv_head", "_bn1", "_fc")


def features(network, image) -> list[torch.Tensor]:
    """The last output at each resolution: before every block of stride 2, and at the end."""
    x = network._swish(network._bn0(network._conv_stem(image)))
    outputs = []
    for block in network._blocks:
        y = block(x)
        if y.shape[-1] < x.shape[-1]:
            outputs.append(x)
        x = y
    return [*outputs, x]


def main() -> None:
    image = torch.from_numpy(seeded_image(SIZE)).permute(2, 0, 1)[None].float()
    arrays: dict[str, np.ndarray] = {}
    shapes: dict[str, dict[str, list[int]]] = {}
    for variant in VARIANTS:
        # the port pads for one size of image
        name = variant.replace("_", "-")
        network = EfficientNet.from_name(name, image_size=list(SIZE)).eval()
        own = {k: list(v.shape) for k, v in network.state_dict().items() if v.ndim}
        shapes[variant] = {k: v for k, v in own.items() if not k.startswith(HEAD)}
        state = {k: torch.from_numpy(v) for k, v in seeded_state(shapes[variant]).items()}
        network.load_state_dict(state, strict=False)
        with torch.no_grad():
            outputs = features(network, (image - 127.0) / 128.0)
        learn = dict(network.named_parameters())
        arrays[f"{variant}_parameters"] = np.array(
            sum(p.numel() for name, p in learn.items() if not name.startswith(HEAD))
        )
        for level, output in enumerate(outputs):
            value = output[0].permute(1, 2, 0).numpy()
            print(variant, level, value.shape, np.abs(value).max())
            # a corner of the large ones, borders included, says as much
            arrays[f"{variant}_{level}"] = value[:8, :8]
    np.savez_compressed(GOLDEN / "efficientnet_lite.npz", **arrays)
    text = json.dumps(shapes, indent=None)
    (GOLDEN / "efficientnet_lite_shapes.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
