"""What docs/from_the_originals.md says: its tables, and the files that its commands read."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import numpy as np

from tests.golden.modnet import with_copies
from tests.golden.seeded import GOLDEN, seeded_state
from tests.unit.models.test_lfm import write_legacy_h5
from tfmatting import build
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.imaging.io import write_image

PAGE = Path(__file__).parents[2] / "docs" / "from_the_originals.md"
HERE = re.compile(r"`tfmatting ([^`]+)`")
SMALL = {"--input-size": "64,64", "--epochs": "1", "--batch-size": "2"}
"""What stands in the page, at a size that a test can wait for."""


COUNT = 6
"""Samples of a data set: of fewer, a tenth for validation would be none."""


LIGHTER = {
    "deeplab_v3": ("model.output_stride=16", "model.encoder=mobilenet_v3_large"),
    "deeplab_v3_plus": ("model.width=0.35",),
    "unet": ("model.width=0.25",),
}
"""Settings that spare time; what a command says is left."""


def sections() -> dict[str, str]:
    """The page's text, by heading."""
    parts = PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
    return {part.splitlines()[0]: part for part in parts}


def rows(text: str) -> list[tuple[str, str]]:
    """(original, here) of every row of a text's tables."""
    cells = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    assert all(len(row) == 2 for row in cells), "a table of the page has two columns"
    return [(row[0], row[1]) for row in cells if row[1] != "here"]


def commands(text: str) -> list[list[str]]:
    """The words of every command in a section's first table, in order, without `tfmatting`."""
    found = [HERE.match(here) for _, here in rows(text.split("| option or setting |")[0])]
    return [shlex.split(match[1]) for match in found if match]


def smaller(words: list[str]) -> list[str]:
    """The same command at smoke size."""
    small = [SMALL.get(before, word) for before, word in zip(["", *words], words, strict=False)]
    if words[0] != "train":
        return small
    model = words[words.index("--model") + 1]
    settings = [word for setting in LIGHTER.get(model, ()) for word in ("--set", setting)]
    return [*small, "--smoke", *settings]


def furnish(folder: Path) -> None:
    """Data, photos, a film and weights under the names that the page's commands have."""
    samples = [source.load() for source in sample_listing(COUNT, size=(96, 80)).sources]
    for number, sample in enumerate(samples):
        grey = np.full((64, 64, 3), 40 * number, np.uint8)
        write_image(folder / f"backgrounds/{number}.png", grey)
        write_image(folder / f"clips/frames/a/{number:04d}.png", sample.image)
        write_image(folder / f"clips/alpha/a/{number:04d}.png", sample.alpha)
        voc = folder / "VOCdevkit/VOC2007"
        write_image(voc / f"JPEGImages/{number:06d}.jpg", sample.image)
        person = np.where(sample.alpha > 127, 15, 0).astype(np.uint8)
        write_image(voc / f"SegmentationClass/{number:06d}.png", person)
    for name in ("results/1.jpg", "test/00002.png", "street.jpg", "images/13.jpg", "tiantan.jpg"):
        write_image(folder / name, samples[0].image)
    _write_film(folder / "clip.mp4", [sample.image for sample in samples])


def write_aisegment(folder: Path) -> None:
    """AISegment's folders."""
    for source in sample_listing(COUNT, size=(96, 80)).sources:
        sample, name = source.load(), source.identifier
        write_image(folder / f"clip_img/1/clip_00000000/{name}.jpg", sample.image)
        rgba = np.dstack([sample.image, sample.alpha])
        write_image(folder / f"matting/1/matting_00000000/{name}.png", rgba)


def write_masks(folder: Path) -> None:
    """Pytorch-UNet's folders."""
    for source in sample_listing(COUNT, size=(96, 80)).sources:
        sample, name = source.load(), source.identifier
        write_image(folder / f"imgs/{name}.png", sample.image)
        write_image(folder / f"masks/{name}_matte.png", sample.alpha)


def _write_film(path: Path, frames: list[np.ndarray]) -> None:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for frame in [*frames, *frames]:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())


def write_weights(path: Path, network: str) -> None:
    """Random weights in an original's own file.

    Args:
        path: of the file.
        network: a golden network, or "lfm".
    """
    import torch

    path.parent.mkdir(parents=True, exist_ok=True)
    if network == "lfm":
        write_legacy_h5(path, build("lfm", (64, 96)), full=False)
        return
    state = seeded_state(json.loads((GOLDEN / f"{network}_shapes.json").read_text()))
    if network.startswith("modnet"):
        state = with_copies(state)
    torch.save({name: torch.from_numpy(value) for name, value in state.items()}, path)
