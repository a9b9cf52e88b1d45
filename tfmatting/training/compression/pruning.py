"""Pruning by magnitude, by tensorflow-model-optimization."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow_model_optimization as tfmot
import tf_keras

from tfmatting.datasets.pipeline.dataset import steps_per_epoch
from tfmatting.errors import InputError
from tfmatting.training.compression.fine_tuning import FineTuning, fit_copy
from tfmatting.training.compression.tf_keras_copy import take_weights, to_tf_keras

PRUNED_PREFIXES = ("prune_low_magnitude_", "")
PRUNING_PART = 0.7
"""Fraction of the steps during which sparsity rises; the remaining weights recover in the rest."""


def prune(model: keras.Model, tuning: FineTuning, sparsity: float) -> None:
    """Fine-tune while a growing fraction of the smallest convolution weights is set to 0.

    Args:
        model: a trained model; gets the new weights. Depthwise kernels stay: they are few.
        tuning: data and length.
        sparsity: part of the weights that are 0 at the end.

    Raises:
        InputError: a sparsity outside 0..1, or a model that cannot be carried over.

    Source: Zhu and Gupta, "To Prune, or Not to Prune", 2017, in tfmot.
    """
    if not 0 < sparsity < 1:
        raise InputError(f"Sparsity lies between 0 and 1. Received: {sparsity}.")
    copy = to_tf_keras(model, tuning.outputs)
    steps = tuning.epochs * steps_per_epoch(len(tuning.train), tuning.recipe.batch_size)
    schedule: Any = tfmot.sparsity.keras.PolynomialDecay(
        0.0, sparsity, begin_step=0, end_step=max(1, int(PRUNING_PART * steps)),
        frequency=max(1, steps // 50),
    )  # fmt: skip

    def wrap(layer):
        if type(layer) is tf_keras.layers.Conv2D:
            return tfmot.sparsity.keras.prune_low_magnitude(layer, pruning_schedule=schedule)
        return layer

    pruned = tf_keras.models.clone_model(copy, clone_function=wrap)
    layers = {layer.name: layer for layer in pruned.layers}
    for layer in copy.layers:
        names = (prefix + layer.name for prefix in PRUNED_PREFIXES)
        name = next(name for name in names if name in layers)
        getattr(layers[name], "layer", layers[name]).set_weights(layer.get_weights())
    fit_copy(pruned, model, tuning, [tfmot.sparsity.keras.UpdatePruningStep()])
    take_weights(model, tfmot.sparsity.keras.strip_pruning(pruned), ("",))


def sparsity_of(model: keras.Model) -> float:
    """Part of the weights of all plain convolutions that are 0."""
    kernels = [
        layer.get_weights()[0] for layer in model.layers if isinstance(layer, keras.layers.Conv2D)
    ]
    return sum(int((kernel == 0).sum()) for kernel in kernels) / sum(
        kernel.size for kernel in kernels
    )
