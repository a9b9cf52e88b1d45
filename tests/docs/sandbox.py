"""A folder with all that the documentation's commands name: photos, films, data, weights."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path

import numpy as np

from tests.golden.seeded import GOLDEN, seeded_state
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.imaging.io import write_image

PHOTOS = ("me.jpg", "beach.jpg", "holiday/a.jpg", "holiday/b.png", "photos/a.jpg")


def fill(folder: Path) -> None:
    """Write photos, films and data sets into an empty folder."""
    samples = [source.load() for source in sample_listing(12, size=(96, 80)).sources]
    for name, sample in zip(PHOTOS, samples, strict=False):
        write_image(folder / name, sample.image)
    _write_data(folder, samples)
    for index in range(3):
        scene = np.random.default_rng(index).integers(0, 256, (64, 64, 3)).astype(np.uint8)
        write_image(folder / "without_people" / f"{index}.jpg", scene)
    for number, sample in enumerate(samples[:5], 1):
        write_image(folder / "frames" / f"{number:05d}.png", sample.image)
    if importlib.util.find_spec("av"):
        _write_films(folder, samples)


def add_models(folder: Path, checkpoint: Path, tflite: Path) -> None:
    """Add model files under the names that the pages have for them.

    Args:
        folder: a filled one.
        checkpoint: a small T-Net.
        tflite: the same as a TFLite file.
    """
    for name in ("runs/tnet/supervised/best.keras", "d.keras", "tnet.keras"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(checkpoint, folder / name)
    for name in ("a.tflite", "model.tflite", "me_int8.tflite"):
        shutil.copy(tflite, folder / name)
    if importlib.util.find_spec("torch"):
        import torch

        shapes = json.loads((GOLDEN / "tnet_shapes.json").read_text())
        state = {name: torch.from_numpy(value) for name, value in seeded_state(shapes).items()}
        torch.save(state, folder / "tnet.pth")


def _write_data(folder: Path, samples: list) -> None:
    """DIR in two parts, and SRC, VOC2012 and Matting_Human_Half in their layouts."""
    for index, sample in enumerate(samples):
        part = folder / "DIR" / ("val" if index % 3 == 0 else "train")
        write_image(part / "image" / f"{index}.jpg", sample.image)
        write_image(part / "alpha" / f"{index}.png", sample.alpha)
    for index, sample in enumerate(samples[:5]):
        rgba = np.dstack([sample.image, sample.alpha])
        hard = np.where(sample.alpha > 127, 255, 0).astype(np.uint8)
        write_image(folder / "SRC/image" / f"{index}.jpg", sample.image)
        write_image(folder / "SRC/alpha" / f"{index}.png", hard)
        for root in (folder / "AISEG", folder / "Matting_Human_Half"):
            write_image(root / f"clip_img/1/clip_00000000/1-{index}.jpg", sample.image)
            write_image(root / f"matting/1/matting_00000000/1-{index}.png", rgba)
        voc = folder / "VOC2012"
        write_image(voc / "JPEGImages" / f"{index}.jpg", sample.image)
        write_image(
            voc / "SegmentationClass" / f"{index}.png", np.where(hard > 0, 15, 0).astype(np.uint8)
        )
    lists = folder / "VOC2012/ImageSets/Segmentation"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("0\n1\n2\n")
    (lists / "val.txt").write_text("3\n")


def _write_films(folder: Path, samples: list) -> None:
    import av

    for name in ("me.mp4", "beach.mp4", "clip.mp4", "films/a.mp4"):
        (folder / name).parent.mkdir(exist_ok=True)
        with av.open(str(folder / name), "w") as container:
            stream = container.add_stream("libx264", rate=10)
            stream.height, stream.width = samples[0].image.shape[:2]
            stream.pix_fmt = "yuv420p"
            for sample in samples[:6]:
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(sample.image))
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
