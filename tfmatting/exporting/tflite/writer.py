"""TFLite files: the only module that uses TensorFlow's converter.

The converter reads a SavedModel of batch 1. That keeps the names of the signature. Converting the
concrete function of a Keras 3 model directly loses its weights without an error. The SavedModel
of a small network holds its weights as constants: with variables, writing and reading it took three
quarters of the conversion, for the same operators.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from tfmatting.console import quiet_native_output
from tfmatting.errors import InputError
from tfmatting.exporting.graph.saved_model import Signature, network_signature, save
from tfmatting.exporting.tflite.flatbuffer import (
    add_metadata,
    read_tree,
    set_input_size,
    write_tree,
)
from tfmatting.exporting.tflite.metadata import NAME, model_metadata, with_labels
from tfmatting.exporting.tflite.mixed import mixed_precision
from tfmatting.exporting.tflite.weight_only import weights_in_eight_bits
from tfmatting.inference.runtimes import Tensors

RANGES = {"image": 255.0, "prior_alpha": 1.0}
"""The largest value of each input; the smallest is 0."""
MOST_CONSTANTS = 10_000_000
"""Weights up to which constants are used. Of 40 million they take 5.8 GB, variables 2.2."""


def write_tflite(
    model: keras.Model, path: Path, precision: str, calibration: Sequence[Tensors]
) -> None:
    """Write a `.tflite` file: `image` [1, H, W, 3] RGB 0..255 -> `alpha` [1, H, W, 1].

    Input and output are float32; in int8 files they are uint8.

    Args:
        model: a model of the registry.
        path: the file.
        precision: one of `PRECISIONS`.
        calibration: batches from `input_batches`; only quantized activations need them.

    Raises:
        InputError: no calibration photos where they are needed, or an operator without a kernel
            of this precision.
    """
    if precision == "mixed":
        data, _, _ = mixed_precision(float_tflite(model), calibration)
    elif precision == "int8_weights":
        data = weights_in_eight_bits(float_tflite(model))
    else:
        data = _converted(_saver(model), precision, calibration)
    _finish(model, data, path)


def write_quantized_copy(
    model: keras.Model, copy: Any, index: int, path: Path, calibration: Sequence[Tensors]
) -> None:
    """Write the int8 file of a tf_keras copy that was trained with rounding to 8 bits.

    Args:
        model: the model of the registry that the copy was made from.
        copy: the tf_keras model, float32 [1, H, W, 3] -> its outputs.
        index: the place of alpha among the outputs.
        path: the file.
        calibration: batches from `input_batches`, for tensors whose range the training did not
            record.
    """
    size = model.matting_config.input_size
    specification = tf.TensorSpec((1, *size, 3), tf.float32, name="image")

    def serve(image):
        outputs = copy(image, training=False)
        return {"alpha": outputs[index] if isinstance(outputs, list) else outputs}

    def save_copy(folder: str) -> None:
        _save_constant((serve, [specification]), folder)

    _finish(model, _converted(save_copy, "int8", calibration), path)


def float_tflite(model: keras.Model) -> bytes:
    """Return the model as a plain float32 file, for quantization by other means."""
    return _converted(_saver(model), "float32", [])


def _saver(model: keras.Model) -> Callable[[str], None]:
    signature = network_signature(model, 1, tf.float32, ("alpha",))
    if model.count_params() > MOST_CONSTANTS:
        return lambda folder: save(model, folder, {"serving_default": signature})
    return lambda folder: _save_constant(signature, folder)


def _converted(
    save_to: Callable[[str], None], precision: str, calibration: Sequence[Tensors]
) -> bytes:
    with tempfile.TemporaryDirectory() as folder, quiet_native_output():
        save_to(folder)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        _set_precision(converter, precision, calibration)
        try:
            return converter.convert()
        except RuntimeError as error:
            lacking = sorted(set(re.findall(r"not yet supported for op: '(\w+)'", str(error))))
            if not lacking:
                raise
            raise InputError(
                f"TensorFlow has no {precision} kernel of {', '.join(lacking)}, which this network "
                "has. Use --precision int8."
            ) from error


def _save_constant(signature: Signature, folder: str) -> None:
    """Write a SavedModel without variables."""
    serve, specification = signature
    traced = tf.function(serve, input_signature=specification).get_concrete_function()
    frozen = convert_variables_to_constants_v2(traced)

    @tf.function(input_signature=specification)
    def constant(inputs):
        outputs = frozen(*tf.nest.flatten(inputs))
        return tf.nest.pack_sequence_as(traced.structured_outputs, outputs)

    tf.saved_model.save(tf.Module(), folder, signatures={"serving_default": constant})


def _finish(model: keras.Model, data: bytes, path: Path) -> None:
    """Add the metadata, drop needless copies, and write the file."""
    tree = read_tree(data)
    set_input_size(tree, model.matting_config.input_size)
    add_metadata(tree, NAME, model_metadata(model))
    path.write_bytes(with_labels(write_tree(tree)))


def _set_precision(converter, precision: str, calibration: Sequence[Tensors]) -> None:
    if precision == "float32":
        return
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision == "dynamic":
        return
    if precision == "float16":
        converter.target_spec.supported_types = [tf.float16]
        return
    if not calibration:
        raise InputError(f"Precision {precision} needs calibration photos. Give --calibration.")
    converter.representative_dataset = lambda: representative_batches(calibration)
    if precision == "int8":
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.uint8
        converter.inference_output_type = tf.uint8
    else:
        converter.target_spec.supported_ops = [
            tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        ]


def representative_batches(calibration: Sequence[Tensors]) -> Iterator[dict[str, np.ndarray]]:
    """Yield float32 batches for the converter.

    One pixel of the first photo becomes black and one white. The range of the input is then
    exactly 0..255, and the value of a pixel is its quantized value. The same holds for the 0..1 of
    a prior alpha.
    """
    for number, batch in enumerate(calibration):
        values = {name: value.astype(np.float32) for name, value in batch.items()}
        if number == 0:
            for name, value in values.items():
                value[0, 0, 0], value[0, 0, 1] = 0, RANGES[name]
        yield values
