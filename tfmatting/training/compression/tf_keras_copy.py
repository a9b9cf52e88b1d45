"""Copies of registry models in tf_keras, and their weights copied back.

tensorflow-model-optimization knows tf_keras (Keras 2) alone. The functional graph is walked and
built anew, layer by layer under the same names; layers that have no copy there run their own code
inside a wrapper, which is possible because none of them has weights.
"""

from __future__ import annotations

from typing import Any

import keras
import tf_keras

from tfmatting.errors import InputError

COPIED_LAYERS = (
    "Add",
    "AveragePooling2D",
    "BatchNormalization",
    "Concatenate",
    "Conv2D",
    "Conv2DTranspose",
    "DepthwiseConv2D",
    "Dropout",
    "GlobalAveragePooling2D",
    "MaxPooling2D",
    "ZeroPadding2D",
)
"""Layers whose configuration means the same in both, and that tfmot can quantize."""
ACTIVATIONS = {
    "relu": lambda name: tf_keras.layers.ReLU(name=name),
    "relu6": lambda name: tf_keras.layers.ReLU(6.0, name=name),
    "sigmoid": lambda name: tf_keras.layers.Activation("sigmoid", name=name),
    "softmax": lambda name: tf_keras.layers.Activation("softmax", name=name),
}


class StatelessLayer(tf_keras.layers.Layer):
    """A Keras 3 layer without weights, run inside a tf_keras model.

    Args:
        described: the layer, as `keras.layers.serialize` gives it.
    """

    def __init__(self, described: dict[str, Any], **kwargs):
        super().__init__(**kwargs)
        self.described = described
        self._inner: Any = keras.layers.deserialize(described)
        if self._inner.weights:
            raise InputError(f"Layer {self.name!r} has weights, which this bridge would lose.")

    def call(self, inputs):
        return self._inner.call(inputs)

    def get_config(self):
        return {**super().get_config(), "described": self.described}


def to_tf_keras(model: keras.Model, outputs: tuple[str, ...]) -> tf_keras.Model:
    """Build a model's copy.

    Args:
        model: functional, with one input `image`.
        outputs: the outputs that the copy has, in order.

    Returns:
        A `tf_keras.Model` `image` float32 [B, H, W, 3] -> list of outputs, with the same weights.

    Raises:
        InputError: a model with several inputs, or a layer that cannot be carried over.
    """
    inputs: Any = model.input
    if list(inputs) != ["image"]:
        raise InputError(
            "Only models that take an image alone can be carried over to tf_keras. Received: "
            f"{model.name!r} with {list(inputs)}."
        )
    tensors = {id(inputs["image"]): tf_keras.Input(inputs["image"].shape[1:], name="image")}
    image = tensors[id(inputs["image"])]
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        if len(layer._inbound_nodes) != 1:
            raise InputError(f"Layer {layer.name!r} is used more than once.")
        node: Any = layer._inbound_nodes[0]
        arriving = [tensors[id(tensor)] for tensor in node.input_tensors]
        copy = _copied_layer(layer)
        left = copy(arriving if len(arriving) > 1 else arriving[0])
        copy.set_weights(layer.get_weights())
        tensors[id(node.output_tensors[0])] = left
    given: Any = model.output
    return tf_keras.Model(image, [tensors[id(given[name])] for name in outputs], name=model.name)


def take_weights(model: keras.Model, trained: tf_keras.Model, prefixes: tuple[str, ...]) -> None:
    """Copy a trained copy's weights back.

    Args:
        model: what the copy was made of.
        trained: the copy, perhaps with its layers wrapped.
        prefixes: of the wrapped layers' names; "" for layers as they were.
    """
    layers = {layer.name: layer for layer in trained.layers}
    for layer in model.layers:
        shapes = [weight.shape for weight in layer.weights]
        if not shapes:
            continue
        name = next(prefix + layer.name for prefix in prefixes if prefix + layer.name in layers)
        arrays = _in_order(layer, layers[name])
        if [array.shape for array in arrays] != shapes:
            raise InputError(f"Layer {layer.name!r} came back with other shapes.")
        layer.set_weights(arrays)


def _in_order(layer: keras.layers.Layer, source: Any) -> list[Any]:
    """A layer's arrays by their variables' names: wrappers add and reorder variables."""
    by_name = {weight.name.split("/")[-1].split(":")[0]: weight for weight in source.weights}
    if "depthwise_kernel" in by_name:  # Keras 3 calls it a kernel, too
        by_name["kernel"] = by_name["depthwise_kernel"]
    return [by_name[weight.name].numpy() for weight in layer.weights]


def _copied_layer(layer: keras.layers.Layer) -> Any:
    kind = type(layer).__name__
    config = layer.get_config()
    if kind == "Activation" and config["activation"] in ACTIVATIONS:
        return ACTIVATIONS[config["activation"]](layer.name)
    if kind == "Softmax":
        return tf_keras.layers.Activation("softmax", name=layer.name)
    if kind in COPIED_LAYERS:
        copy: Any = getattr(tf_keras.layers, kind)
        known = set(copy(**_smallest(kind)).get_config())
        plain = {key: value for key, value in config.items() if key in known and _is_plain(value)}
        return copy(**plain)
    described: Any = keras.layers.serialize(layer)
    return StatelessLayer(described, name=layer.name)


def _smallest(kind: str) -> dict[str, Any]:
    """Arguments that a layer cannot be made without."""
    if kind in ("Conv2D", "Conv2DTranspose"):
        return {"filters": 1, "kernel_size": 1}
    return {"DepthwiseConv2D": {"kernel_size": 1}, "Dropout": {"rate": 0.0}}.get(kind, {})


def _is_plain(value: Any) -> bool:
    """Whether a configuration's value means the same in both: no serialized objects."""
    return not isinstance(value, dict)
