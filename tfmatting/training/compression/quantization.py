"""Quantization-aware training, by tensorflow-model-optimization."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tensorflow_model_optimization as tfmot
import tf_keras

from tfmatting.config import Size
from tfmatting.datasets.pipeline.dataset import PipelineSettings, make_dataset
from tfmatting.training.compression.fine_tuning import FineTuning, fit_copy
from tfmatting.training.compression.tf_keras_copy import StatelessLayer, take_weights, to_tf_keras

quantization = tfmot.quantization.keras
QUANTIZED_PREFIXES = ("quant_", "")
QUANTIZABLE_ACTIVATIONS = ("linear", "relu", "softmax")
ACTIVATION_RANGES = ("output", "post_activation")
"""What tfmot's variables of activation ranges are called, before `_min` and `_max`."""
RANGE_PHOTOS = 64


class NotQuantized(quantization.QuantizeConfig):
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
    """Fine-tune with all values rounded to 8 bits, as they will be in the file.

    Args:
        model: a trained model; gets the new weights.
        tuning: data and length.

    Returns:
        The copy with its learnt ranges, to be written as a TFLite file.

    Raises:
        InputError: a model that cannot be carried over to tf_keras.

    Source: Jacob et al., "Quantization and Training of Neural Networks for Efficient
    Integer-Arithmetic-Only Inference", CVPR 2018, in tfmot.
    """
    copy = to_tf_keras(model, tuning.outputs)

    def annotate(layer):
        activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
        if (
            isinstance(layer, StatelessLayer)
            or activation not in QUANTIZABLE_ACTIVATIONS
            or _is_depthwise(layer)
        ):
            return quantization.quantize_annotate_layer(layer, NotQuantized())
        return quantization.quantize_annotate_layer(layer)

    annotated = tf_keras.models.clone_model(copy, clone_function=annotate)
    annotated.set_weights(copy.get_weights())
    with quantization.quantize_scope(
        {"StatelessLayer": StatelessLayer, "NotQuantized": NotQuantized}
    ):
        quantized = quantization.quantize_apply(annotated)
    _start_ranges(quantized, copy, tuning, model.matting_config.input_size)
    fit_copy(quantized, model, tuning, [])
    take_weights(model, quantized, QUANTIZED_PREFIXES)
    return quantized


def _start_ranges(
    quantized: tf_keras.Model, copy: tf_keras.Model, tuning: FineTuning, size: Size
) -> None:
    """Initialise the activation ranges from the float network on a few photos.

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
    """Whether a layer is a depthwise convolution, or a batch normalisation folded into one.

    tfmot rounds their kernels by one scale for all channels, before the normalisation is folded in:
    a trained MobileNetV2 comes out as noise. The converter gives each channel a scale of its own.
    """
    if isinstance(layer, tf_keras.layers.BatchNormalization):
        layer = layer.inbound_nodes[0].inbound_layers
    return isinstance(layer, tf_keras.layers.DepthwiseConv2D)
