"""The end of every segmenter: from class scores to probabilities and alpha.

There are two heads: one channel with a sigmoid, or one channel per class with a softmax.
"""

from __future__ import annotations

from keras import layers

from tfmatting.config import Size
from tfmatting.errors import InputError
from tfmatting.layers import FixedPointwise

PERSON_CLASS = 1
"""The person's class of two; background is class 0."""


def check_classes(classes: int, person_class: int) -> None:
    """Refuse class counts and person classes that are out of range."""
    if classes < 1:
        raise InputError(f"`classes` must be 1 (sigmoid) or more (softmax). Received: {classes}.")
    if not 0 <= person_class < max(classes, 2):
        raise InputError(
            f"`person_class` must be one of the {classes} classes. Received: {person_class}."
        )


def probabilities(scores, name: str):
    """Turn class scores into probabilities, in float32 at any training precision."""
    if scores.shape[-1] == 1:
        return layers.Activation("sigmoid", name=name, dtype="float32")(scores)
    return layers.Softmax(name=name, dtype="float32")(scores)


def person_alpha(classes, person_class: int):
    """Return the person's probability as `alpha` [B, H, W, 1]."""
    count = classes.shape[-1]
    if count == 1:
        return layers.Identity(name="alpha", dtype="float32")(classes)
    choice = [[float(index == person_class)] for index in range(count)]
    return FixedPointwise(choice, name="alpha")(classes)


def enlargement(feature, size: Size) -> tuple[int, int]:
    """Return how many times smaller than `size` a feature map is (vertically, horizontally)."""
    return size[0] // feature.shape[1], size[1] // feature.shape[2]
