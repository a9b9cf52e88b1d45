"""Which layers of a model belong to its encoder, so that training can freeze them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TypeVar

import keras

Encoder = TypeVar("Encoder", bound=Callable)
MARK = "in_backbone"


def backbone(encode: Encoder) -> Encoder:
    """Mark every layer that an encoder adds between its input and its features.

    Args:
        encode: takes a tensor first, and returns features, the deepest last.
    """

    @functools.wraps(encode)
    def marking(x, *arguments, **options):
        features = encode(x, *arguments, **options)
        # a keras.Model of the two would call the layers once more
        waiting, seen = list(features), {id(x)}
        while waiting:
            tensor = waiting.pop()
            if id(tensor) in seen:
                continue
            seen.add(id(tensor))
            layer, node, _ = tensor._keras_history
            setattr(layer, MARK, True)
            waiting.extend(layer._inbound_nodes[node].input_tensors)
        return features

    return marking  # type: ignore[return-value]


def in_backbone(layer: keras.layers.Layer) -> bool:
    """Whether a layer is one of the model's encoder."""
    return getattr(layer, MARK, False)
