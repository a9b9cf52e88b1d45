"""From a batch of uint8 maps to what a model and its losses take, on any of Keras' backends."""

from __future__ import annotations

from typing import Any

from keras import ops

from tfmatting.datasets.augmentation.prior import PRIOR_ALPHA
from tfmatting.datasets.pipeline.settings import PipelineSettings
from tfmatting.imaging.class_maps import IGNORED, IGNORED_TRUTH
from tfmatting.imaging.trimap import UNKNOWN_CLASS


def inputs_and_truths(
    settings: PipelineSettings, image, alpha, trimap, labels, *prior
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Convert a batch of `ExampleMaker`'s maps.

    Args:
        settings: how many classes the model has, and which truths are made.
        image, alpha, trimap, labels, prior: uint8 [B, h, w, C], as `make_example` returns them.

    Returns:
        See `make_dataset`.
    """
    ignored = ops.equal(labels, IGNORED)

    def stated(maps):
        return ops.where(ignored, IGNORED_TRUTH, maps)

    truths = {"alpha": stated(ops.cast(alpha, "float32") / 255.0)}
    if "trimap" in settings.truths:
        truths["trimap"] = stated(ops.one_hot(ops.cast(trimap[..., 0], "int32"), 3))
    if "classes" in settings.truths:
        truths["classes"] = stated(_classes(labels, settings.classes))
    if "scene" in settings.truths:
        band = ops.cast(ops.equal(trimap, UNKNOWN_CLASS), "float32")
        pixels = ops.cast(image, "float32") / 127.5 - 1.0
        truths["scene"] = ops.concatenate([truths["alpha"], band, pixels], axis=-1)
    inputs = {"image": image}
    if prior:
        inputs[PRIOR_ALPHA] = ops.cast(prior[0], "float32") / 255.0
    return inputs, truths


def _classes(labels, count: int):
    """Class numbers as float32: themselves for a single class, else one-hot."""
    if count == 1:
        return ops.cast(labels, "float32")
    return ops.one_hot(ops.cast(labels[..., 0], "int32"), count)
