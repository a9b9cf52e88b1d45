"""What every segmenter ends in: class scores to probabilities, and the person's as alpha.

Two heads, as people train them: one channel with a sigmoid, or a channel a class with a softmax.
"""

from __future__ import annotations

from keras import layers

from tfmatting.config import Size
from tfmatting.errors import InputError
from tfmatting.layers import FixedPointwise

PERSON_CLASS = 1
"""Of two classes; background is 0."""


def check_classes(classes: int, person_class: int) -> None:
    """Refuse class counts and person classes that mean nothing."""
    if classes < 1:
        raise InputError(f"`classes` is 1 (sigmoid), or 2 and more (softmax). Received: {classes}.")
    if not 0 <= person_class < max(classes, 2):
        raise InputError(
            f"`person_class` must be one of the {classes} classes. Received: {person_class}."
        )


def probabilities(scores, name: str):
    """Class scores to probabilities in float32, whatever the training precision."""
    if scores.shape[-1] == 1:
        return layers.Activation("sigmoid", name=name, dtype="float32")(scores)
    return layers.Softmax(name=name, dtype="float32")(scores)


def person_alpha(classes, person_class: int):
    """The person's probability as `alpha` [B, H, W, 1]."""
    count = classes.shape[-1]
    if count == 1:
        return layers.Identity(name="alpha", dtype="float32")(classes)
    choice = [[float(index == person_class)] for index in range(count)]
    return FixedPointwise(choice, name="alpha")(classes)


def enlargement(feature, size: Size) -> tuple[int, int]:
    """How many times smaller than `size` a feature map is."""
    return size[0] // feature.shape[1], size[1] // feature.shape[2]
