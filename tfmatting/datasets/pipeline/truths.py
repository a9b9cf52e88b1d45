"""From a batch of uint8 maps to what a model and its losses take, on any of Keras' backends."""

from __future__ import annotations

from typing import Any

from keras import ops

from tfmatting.datasets.augmentation.prior import PRIOR_ALPHA
from tfmatting.imaging.class_maps import IGNORED, IGNORED_TRUTH
from tfmatting.imaging.trimap import UNKNOWN_CLASS


def inputs_and_truths(
    class_count: int, image, alpha, trimap, labels, *prior
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Convert a batch of `ExampleMaker`'s maps.

    Args:
        class_count: of the model.
        image, alpha, trimap, labels, prior: uint8 [B, h, w, C], as `make_example` returns them.

    Returns:
        See `make_dataset`.
    """
    ignored = ops.equal(labels, IGNORED)
    if class_count == 1:
        classes = ops.cast(labels, "float32")
    else:
        classes = ops.one_hot(ops.cast(labels[..., 0], "int32"), class_count)
    truths = {
        "alpha": ops.cast(alpha, "float32") / 255.0,
        "trimap": ops.one_hot(ops.cast(trimap[..., 0], "int32"), 3),
        "classes": classes,
    }
    truths = {name: ops.where(ignored, IGNORED_TRUTH, maps) for name, maps in truths.items()}
    band = ops.cast(ops.equal(trimap, UNKNOWN_CLASS), "float32")
    pixels = ops.cast(image, "float32") / 127.5 - 1.0
    truths["scene"] = ops.concatenate([truths["alpha"], band, pixels], axis=-1)
    inputs = {"image": image}
    if prior:
        inputs[PRIOR_ALPHA] = ops.cast(prior[0], "float32") / 255.0
    return inputs, truths
