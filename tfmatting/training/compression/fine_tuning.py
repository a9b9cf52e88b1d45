"""Fine-tuning for small files: quantization-aware training, and pruning.

Both are tensorflow-model-optimization's, on the model's tf_keras copy; the weights come back into
the model of the registry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tensorflow_model_optimization as tfmot
import tf_keras

from tfmatting.config import Size
from tfmatting.datasets.pipeline.dataset import PipelineSettings, make_dataset, steps_per_epoch
from tfmatting.datasets.sample import SampleSource
from tfmatting.errors import InputError
from tfmatting.training.callbacks.recorder import write_history
from tfmatting.training.compression.tf_keras_copy import Stateless, take_weights, to_legacy
from tfmatting.training.distillation import taught_dataset
from tfmatting.training.stages.compilation import alpha_iou, alpha_mad, summed
from tfmatting.training.stages.stage import Recipe, Stage

quantization = tfmot.quantization.keras
QUANTIZED_PREFIXES = ("quant_", "")
PRUNED_PREFIXES = ("prune_low_magnitude_", "")
QUANTIZABLE_ACTIVATIONS = ("linear", "relu", "softmax")
CLIP_NORM = 1.0
ACTIVATION_RANGES = ("output", "post_activation")
"""What tfmot's variables of activations' ranges are called, before `_min` and `_max`."""
RANGE_PHOTOS = 64
PRUNING_PART = 0.7
"""Of the steps, in which the sparsity rises; in the rest the weights left recover."""


@dataclass(frozen=True)
class FineTuning:
    """A short training that compresses.

    Attributes:
        recipe, stage: whose losses, data variations and batches are used.
        train, validation: the samples.
        folder: where `history.csv` goes.
        epochs, learning_rate: of the fine-tuning; the rate falls as a cosine.
        seed: of order and variations.
        backgrounds: people-free pictures for recipes that compose scenes.
    """

    recipe: Recipe
    stage: Stage
    train: Sequence[SampleSource]
    validation: Sequence[SampleSource]
    folder: Path
    epochs: int
    learning_rate: float
    seed: int = 0
    backgrounds: Sequence[Path] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """The outputs that the copy has: those with losses, and alpha."""
        return tuple(dict.fromkeys((*self.stage.losses, "alpha")))


class Untouched(quantization.QuantizeConfig):
    """Nothing of a layer is quantized while training; the converter does it afterwards."""

    def get_weights_and_quantizers(self, layer):
        return []

    def get_activations_and_quantizers(self, layer):
        return []

    def set_quantize_weights(self, layer, quantize_weights):
        pass

    def set_quantize_activations(self, layer, quantize_activations):
        pass

    def get_output_quantizers(self, layer):
        return []

    def get_config(self):
        return {}


def quantize_aware(model: keras.Model, tuning: FineTuning) -> tf_keras.Model:
    """Train on with every value rounded to eight bits as it will be in the file.

    Args:
        model: a trained model; gets the new weights.
        tuning: data and length.

    Returns:
        The copy with its learnt ranges, to be written as a TFLite file.

    Raises:
        ValueError: a model that cannot be carried over to tf_keras.

    Source: Jacob et al., "Quantization and Training of Neural Networks for Efficient
    Integer-Arithmetic-Only Inference", CVPR 2018, in tfmot.
    """
    copy = to_legacy(model, tuning.outputs)

    def annotate(layer):
        activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
        if (
            isinstance(layer, Stateless)
            or activation not in QUANTIZABLE_ACTIVATIONS
            or _is_depthwise(layer)
        ):
            return quantization.quantize_annotate_layer(layer, Untouched())
        return quantization.quantize_annotate_layer(layer)

    annotated = tf_keras.models.clone_model(copy, clone_function=annotate)
    annotated.set_weights(copy.get_weights())
    with quantization.quantize_scope({"Stateless": Stateless, "Untouched": Untouched}):
        quantized = quantization.quantize_apply(annotated)
    _start_ranges(quantized, copy, tuning, model.matting_config.input_size)
    _fit(quantized, model, tuning, [])
    take_weights(model, quantized, QUANTIZED_PREFIXES)
    return quantized


def _start_ranges(
    quantized: tf_keras.Model, copy: tf_keras.Model, tuning: FineTuning, size: Size
) -> None:
    """Start the ranges of all activations at what the float network shows on some photos.

    tfmot's start at -6..6 and move by a thousandth a step: a short fine-tuning would be spent on
    them, with values cut off or rounded coarsely meanwhile.
    """
    ranges = {}  # a layer's name: the two variables of its range
    for layer in quantized.layers:
        variables = {variable.name.split("/")[-1]: variable for variable in layer.weights}
        for kind in ACTIVATION_RANGES:
            if f"{kind}_min:0" in variables:
                pair = variables[f"{kind}_min:0"], variables[f"{kind}_max:0"]
                ranges[getattr(layer, "layer", layer).name] = pair
    watched = [layer for layer in copy.layers if layer.name in ranges]
    probe = tf_keras.Model(copy.input, [layer.output for layer in watched])
    settings = PipelineSettings(size, tuning.recipe.batch_size)
    photos = make_dataset(tuning.train[:RANGE_PHOTOS], settings, epochs=1)
    seen = []
    for inputs, _ in photos:
        outputs = probe(tf.cast(inputs["image"], tf.float32), training=False)
        seen.append([(float(tf.reduce_min(x)), float(tf.reduce_max(x))) for x in outputs])
    for layer, extremes in zip(watched, np.mean(seen, axis=0), strict=True):
        for variable, value in zip(ranges[layer.name], extremes, strict=True):
            variable.assign(value)


def _is_depthwise(layer: Any) -> bool:
    """Whether it is a depthwise convolution, or the normalisation that is folded into one.

    tfmot rounds their kernels by one scale for all channels, before the normalisation is folded in:
    a trained MobileNetV2 comes out as noise. The converter gives each channel a scale of its own.
    """
    if isinstance(layer, tf_keras.layers.BatchNormalization):
        layer = layer.inbound_nodes[0].inbound_layers
    return isinstance(layer, tf_keras.layers.DepthwiseConv2D)


def prune(model: keras.Model, tuning: FineTuning, sparsity: float) -> None:
    """Train on while the smallest weights of the convolutions are set to 0, more and more.

    Args:
        model: a trained model; gets the new weights. Depthwise kernels stay: they are few.
        tuning: data and length.
        sparsity: part of the weights that are 0 at the end.

    Raises:
        ValueError: a sparsity outside 0..1, or a model that cannot be carried over.

    Source: Zhu and Gupta, "To Prune, or Not to Prune", 2017, in tfmot.
    """
    if not 0 < sparsity < 1:
        raise InputError(f"Sparsity lies between 0 and 1. Received: {sparsity}.")
    copy = to_legacy(model, tuning.outputs)
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
    _fit(pruned, model, tuning, [tfmot.sparsity.keras.UpdatePruningStep()])
    take_weights(model, tfmot.sparsity.keras.strip_pruning(pruned), ("",))


def sparsity_of(model: keras.Model) -> float:
    """Part of the weights of all plain convolutions that are 0."""
    kernels = [
        layer.get_weights()[0] for layer in model.layers if type(layer) is keras.layers.Conv2D
    ]
    return sum(int((kernel == 0).sum()) for kernel in kernels) / sum(
        kernel.size for kernel in kernels
    )


def _fit(
    copy: tf_keras.Model, model: keras.Model, tuning: FineTuning, callbacks: list[Any]
) -> None:
    outputs = tuning.outputs
    recipe = tuning.recipe.during(tuning.stage)
    steps = steps_per_epoch(len(tuning.train), recipe.batch_size)
    rate: Any = tf_keras.optimizers.schedules.CosineDecay(
        tuning.learning_rate, steps * tuning.epochs
    )
    terms = tuning.stage.losses
    losses = [summed(terms[name]) if name in terms else None for name in outputs]
    metrics = [[alpha_iou, alpha_mad] if name == "alpha" else [] for name in outputs]
    copy.compile(tf_keras.optimizers.Adam(rate, global_clipnorm=CLIP_NORM), losses, metrics=metrics)
    settings = PipelineSettings(
        model.matting_config.input_size,
        recipe.batch_size,
        augmentation=recipe.augmentation,
        composition=recipe.composition,
        augmentation_strength=tuning.stage.augmentation_strength,
        shuffle=True,
        seed=tuning.seed,
    )
    still = PipelineSettings(settings.input_size, recipe.batch_size)

    def choose(inputs, truths):
        targets = tuple(truths[tuning.stage.target(name)] for name in outputs)
        return tf.cast(inputs["image"], tf.float32), targets

    training = taught_dataset(
        recipe.teacher, tuning.train, settings, backgrounds=tuning.backgrounds
    ).map(choose)
    validation = make_dataset(tuning.validation, still, epochs=1).map(choose)
    rows: list[dict[str, str]] = []

    def record(epoch, logs):
        rows.append({"epoch": str(epoch + 1), **{k: f"{v:.6g}" for k, v in logs.items()}})
        write_history(tuning.folder / "history.csv", rows)

    copy.fit(
        training,
        epochs=tuning.epochs,
        steps_per_epoch=steps,
        validation_data=validation,
        callbacks=[*callbacks, tf_keras.callbacks.LambdaCallback(on_epoch_end=record)],
        verbose="auto",
    )
