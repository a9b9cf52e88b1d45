"""Class numbers of a network's outputs, at the photo's size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfmatting.imaging.resize import resize_labels
from tfmatting.inference import extreme_shapes
from tfmatting.inference.runtimes import Tensors


def labels_of(outputs: Tensors, image: np.ndarray) -> np.ndarray | None:
    """The class of every pixel of an image, uint8 [H, W]; None with at most two classes."""
    classes = outputs.get("classes")
    if classes is None or classes.shape[-1] <= 2:
        return None
    return resize_labels(classes[0].argmax(axis=-1).astype(np.uint8), image.shape[:2])


def joined_labels(
    image: np.ndarray,
    stretches: list[extreme_shapes.Stretch],
    parts: Sequence[np.ndarray | None],
) -> np.ndarray | None:
    """The classes of stretches at their places, class 0 elsewhere; None without classes."""
    if parts and parts[0] is None:
        return None
    labels = np.zeros(image.shape[:2], np.uint8)
    for stretch, part in zip(stretches, parts, strict=True):
        place = extreme_shapes.stretch_of(labels, stretch)
        if part is not None:
            np.copyto(place, part, where=part != 0)
    return labels
