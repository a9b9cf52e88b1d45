"""Images per second of this project's tf.data pipeline and of the usual hand-written loader.

The hand-written loader is the one in PyTorch tutorials of T-Net. For each item it reads the image,
alpha and trimap with OpenCV, resizes all three, normalises the image, and makes the one-hot
trimap, in float32. It runs as many worker threads as the pipeline. Both read the same files at the
same size and batch. A third, where albumentations is installed, makes the same augmentations with
it in the processes of a PyTorch DataLoader (`albumentations_loader`).

    python benchmarks/loader.py --data DIR      (image/ + alpha/; drawn samples when omitted)
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from comparison import table

from tfmatting.config import Size
from tfmatting.datasets.augmentation.augment import NONE, Augmentation, augment
from tfmatting.datasets.inspection import inspect
from tfmatting.datasets.pipeline.dataset import PipelineSettings, make_dataset
from tfmatting.datasets.preparation import Preparation, prepare
from tfmatting.datasets.readers import find_layout
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.imaging.trimap import trimap_from_alpha

SIZE = (320, 320)
BATCH = 16


def tutorial_item(
    source, trimap_path: Path, augmentation: Augmentation, seed: int, size: Size = SIZE
):
    """Return one item as the tutorial's Dataset does, augmented by this project if asked."""
    image = cv2.imread(str(source.image_path), cv2.IMREAD_COLOR)
    trimap = cv2.imread(str(trimap_path), cv2.IMREAD_GRAYSCALE)
    alpha = cv2.imread(str(source.alpha_path), cv2.IMREAD_GRAYSCALE)
    if augmentation != NONE:
        generator = np.random.default_rng(seed)
        image, alpha = augment(image, alpha, size, augmentation, generator)
        trimap = trimap_from_alpha(alpha, 6)
    image = cv2.resize(image, size[::-1], interpolation=cv2.INTER_CUBIC)
    trimap = cv2.resize(trimap, size[::-1], interpolation=cv2.INTER_NEAREST)
    alpha = cv2.resize(alpha, size[::-1], interpolation=cv2.INTER_CUBIC)
    image = (image.astype(np.float32) - (114.0, 121.0, 134.0)) / 255.0
    trimap[trimap == 128] = 1
    trimap[trimap == 255] = 2
    alpha = alpha.astype(np.float32) / 255.0
    one_hot = np.zeros((3, trimap.size), np.int64)
    one_hot[trimap.ravel(), np.arange(trimap.size)] = 1
    return image.transpose(2, 0, 1).astype(np.float32), one_hot.reshape(3, *size), alpha


def tutorial_epoch(sources, trimaps: Path, augmentation: Augmentation, threads: int) -> int:
    """Run one pass of the tutorial's loader and return the number of images."""
    seen = 0
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(sources), BATCH):
            chosen = sources[start : start + BATCH]
            jobs = [
                pool.submit(
                    tutorial_item, s, trimaps / f"{s.identifier}.png", augmentation, start + i
                )
                for i, s in enumerate(chosen)
            ]
            columns = zip(*(job.result() for job in jobs), strict=True)
            batch = [np.stack(column) for column in columns]
            seen += len(batch[0])
    return seen


def pipeline_passes(sources, augmentation: Augmentation, cached: bool, passes: int):
    """Return the seconds of each pass of the pipeline. With a cache, the first pass decodes."""
    truths = ("alpha", "trimap")  # what the tutorial's loader makes, and its T-Net learns from
    settings = PipelineSettings(SIZE, BATCH, augmentation, seed=1, truths=truths)
    if not cached:
        settings = dataclasses.replace(settings, cache_megabytes=0)
    iterator = iter(make_dataset(sources, settings, epochs=passes + 1))
    batches = -(-len(sources) // BATCH)
    seconds = []
    for _ in range(passes):
        start = time.perf_counter()
        for _ in range(batches):
            next(iterator)
        seconds.append(time.perf_counter() - start)
    return seconds


def albumentations_passes(sources, augmentation: Augmentation, threads: int) -> Iterator[float]:
    """Seconds of pass after pass of the PyTorch loader; NaN where it is not installed."""
    try:
        from albumentations_loader import passes
    except ImportError:
        return itertools.repeat(float("nan"))
    settings = None if augmentation == NONE else augmentation
    return passes(sources, SIZE, BATCH, settings, threads)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--passes", type=int, default=3)
    arguments = parser.parse_args()
    threads = os.cpu_count() or 1
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        if arguments.data:
            listing = inspect(find_layout(arguments.data).read(arguments.data))
            listing = dataclasses.replace(listing, sources=listing.sources[: arguments.count])
        else:
            listing = sample_listing(arguments.count, size=(800, 600))
        prepare(listing, root, Preparation(train_ratio=1.0))
        sources = find_layout(root, "pairs").read(root).sources
        print(f"{len(sources)} images to {SIZE}, batch {BATCH}, {threads} threads; images/s, best")
        rows = []
        for name, augmentation in (("off", NONE), ("on", Augmentation(degradation=0.0))):
            tutorial, plain, pytorch = [], [], []
            others = albumentations_passes(sources, augmentation, threads)
            for _ in range(arguments.passes):  # interleaved: all meet the same machine
                start = time.perf_counter()
                tutorial_epoch(sources, root / "trimap", augmentation, threads)
                tutorial.append(time.perf_counter() - start)
                plain += pipeline_passes(sources, augmentation, False, 1)
                pytorch.append(next(others))
            cached = pipeline_passes(sources, augmentation, True, arguments.passes + 1)[1:]
            of_others = [len(sources) / min(times) for times in (tutorial, pytorch)]
            row = [name, *(f"{rate:.0f}" for rate in of_others)]
            for rate in (len(sources) / min(times) for times in (plain, cached)):
                row += [f"{rate:.0f}", *(f"{rate / other:.2f}" for other in of_others)]
            rows.append(row)
        ratios = ("of tutorial", "of albumentations")
        heads = ("augmentation", "tutorial", "albumentations")
        print(table((*heads, "pipeline", *ratios, "cached", *ratios), rows))


if __name__ == "__main__":
    main()
