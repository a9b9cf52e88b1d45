"""The loader that PyTorch users write today: albumentations in a DataLoader's processes.

The augmentations are those of `Augmentation()` without degradation, and photos are made small
before anything else, which is the fastest order. Needs torch and `pip install albumentations`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import albumentations
import cv2
import numpy as np
import torch
from albumentations.pytorch import ToTensorV2

from tfmatting.config import Size
from tfmatting.datasets.augmentation.augment import Augmentation
from tfmatting.imaging.trimap import trimap_from_alpha

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def transforms(size: Size, settings: Augmentation | None) -> albumentations.Compose:
    """What is done to a pair; the resize alone without settings."""
    steps: list = [albumentations.Resize(*size, interpolation=cv2.INTER_AREA)]
    if settings is not None:
        smallest, largest = settings.zoom
        steps += [
            albumentations.HorizontalFlip(p=settings.flip),
            albumentations.Affine(
                scale=(smallest, largest),
                rotate=(-settings.rotation, settings.rotation),
                translate_percent=(-settings.shift, settings.shift),
                border_mode=cv2.BORDER_REFLECT_101,
                p=1,
            ),
            albumentations.ColorJitter(
                brightness=settings.brightness,
                contrast=settings.contrast,
                saturation=settings.saturation,
                hue=0,
                p=1,
            ),
            albumentations.MultiplicativeNoise(
                (1 - settings.colour_cast, 1 + settings.colour_cast), per_channel=True, p=1
            ),
            albumentations.RandomGamma((100 / settings.gamma, 100 * settings.gamma), p=1),
            albumentations.ToGray(p=settings.grey),
        ]
    return albumentations.Compose(steps)


class Pairs(torch.utils.data.Dataset):
    """Photos, mattes and trimaps, as tensors."""

    def __init__(self, sources: Sequence, size: Size, settings: Augmentation | None):
        self._sources = sources
        self._transforms = transforms(size, settings)
        self._to_tensors = albumentations.Compose(
            [albumentations.Normalize(MEAN, DEVIATION), ToTensorV2()]
        )

    def __len__(self) -> int:
        return len(self._sources)

    def __getitem__(self, index: int):
        cv2.setNumThreads(0)
        source = self._sources[index]
        image = cv2.cvtColor(cv2.imread(str(source.image_path)), cv2.COLOR_BGR2RGB)
        alpha = cv2.imread(str(source.alpha_path), cv2.IMREAD_GRAYSCALE)
        pair = self._transforms(image=image, mask=alpha)
        trimap = trimap_from_alpha(pair["mask"], 6)
        tensors = self._to_tensors(image=pair["image"], mask=np.dstack([pair["mask"], trimap]))
        return tensors["image"], tensors["mask"].float() / 255


def passes(
    sources: Sequence, size: Size, batch: int, settings: Augmentation | None, threads: int
) -> Iterator[float]:
    """Seconds of pass after pass, without end; the processes are started before the first."""
    loader = torch.utils.data.DataLoader(
        Pairs(sources, size, settings),
        batch_size=batch,
        shuffle=True,
        num_workers=threads,
        persistent_workers=True,
    )
    for _ in loader:  # starts the processes
        pass
    while True:
        start = time.perf_counter()
        for _ in loader:
            pass
        yield time.perf_counter() - start
