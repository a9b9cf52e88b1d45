"""Frozen `.pb` and `.pbtxt` graphs for OpenCV's DNN module.

No OpenCV loads the graphs that TensorFlow freezes. After the passes of this module, OpenCV 4.6 to
5.0 load them and give the same numbers. TensorFlow's own optimizer folds what only TensorFlow can
run, and every constant is written out in full, because the importer misreads compressed ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.framework import graph_pb2, node_def_pb2
from tensorflow.core.protobuf import config_pb2, meta_graph_pb2, rewriter_config_pb2
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2
from tensorflow.python.grappler import tf_optimizer

from tfmatting.errors import InputError
from tfmatting.exporting.inputs import IMAGE, input_specifications
from tfmatting.inference.runtimes import Tensors
from tfmatting.models import find

ALPHA = "alpha"
CHANNEL_AXIS = 1
"""The axis of the channels in OpenCV's [B, C, H, W]."""
OPTIMIZERS = ("constfold", "dependency", "shape", "constfold", "pruning")


def write_frozen_graph(
    model: keras.Model, path: Path, precision: str, calibration: Sequence[Tensors]
) -> None:
    """Write a graph that takes plain RGB pixels: `image` [1, H, W, 3] -> `alpha` [1, H, W, 1].

    Args:
        model: a model of the registry.
        path: the `.pb`; a `.pbtxt` of the same name is written beside it.
        precision: "float32", the only one of this format.
        calibration: not used.
    """
    _write(model, {ALPHA: ALPHA}, path)


def write_external_graph(
    model: keras.Model, path: Path, precision: str, calibration: Sequence[Tensors]
) -> None:
    """Write a graph that takes pixels normalised by its client, as `blobFromImage` does.

    Its outputs are the ones that the original code's client asks for, under their original names
    and no others, because OpenCV 5 computes all outputs of a graph at once. The output is `alpha`
    where the original has no client.

    Raises:
        InputError: a model that takes more than the image.
    """
    if list(model.input) != [IMAGE]:
        raise InputError(
            f"A client normalises the image alone; {model.name} also takes "
            f"{', '.join(name for name in model.input if name != IMAGE)}. Use "
            "--preprocessing inside."
        )
    names = find(model.name).original_nodes or {ALPHA: ALPHA}
    pixels = model.get_layer("normalization").output
    image = keras.Input(pixels.shape[1:], name=IMAGE)
    outputs: Any = model.output  # a dictionary, as in every model of the registry
    inner = keras.Model(pixels, {name: outputs[name] for name in names})
    _write(keras.Model({IMAGE: image}, inner(image), name=model.name), names, path)


def _write(model: keras.Model, names: dict[str, str], path: Path) -> None:
    graph = spell_out(one_step_means(frozen_graph(model, names)))
    # attributes are a map: without this, their order and the file would differ from run to run
    path.write_bytes(graph.SerializeToString(deterministic=True))
    text = text_format.MessageToString(structure(graph))
    path.with_suffix(".pbtxt").write_text(text, encoding="utf-8")


def frozen_graph(model: keras.Model, names: dict[str, str]) -> graph_pb2.GraphDef:
    """Return a model as one folded graph of constants and operators.

    Args:
        model: takes and returns dictionaries.
        names: output -> the name of its node.
    """
    outputs = tuple(names.values())
    return without_identities(optimize(freeze(model, names), outputs), outputs)


def freeze(model: keras.Model, names: dict[str, str]) -> graph_pb2.GraphDef:
    """Turn a model into a graph whose weights are constants.

    Args:
        model: takes and returns dictionaries.
        names: output -> the name of its node.

    Raises:
        InputError: the graph has a node of that name already.
    """

    @tf.function
    def run(inputs):
        outputs = model(inputs, training=False)
        return {name: outputs[name] for name in names}

    concrete = run.get_concrete_function(input_specifications(model, 1))
    frozen = convert_variables_to_constants_v2(concrete)
    graph = frozen.graph.as_graph_def()
    # structured outputs are sorted by name
    tensors = dict(zip(sorted(names), frozen.outputs, strict=True))
    for output, node_name in names.items():
        for node in graph.node:
            if node.name == node_name:
                raise InputError(f"The graph has a node {node_name!r} already.")
        node = graph.node.add(name=node_name, op="Identity", input=[tensors[output].name])
        node.attr["T"].type = tf.float32.as_datatype_enum
    return graph


def optimize(graph: graph_pb2.GraphDef, outputs: Sequence[str]) -> graph_pb2.GraphDef:
    """Fold constants and remove what the outputs do not need, with TensorFlow's Grappler."""
    meta = meta_graph_pb2.MetaGraphDef(graph_def=graph)
    meta.collection_def["train_op"].node_list.value.extend(outputs)
    config = config_pb2.ConfigProto()
    rewrite = config.graph_options.rewrite_options
    rewrite.optimizers.extend(OPTIMIZERS)
    rewrite.min_graph_nodes = -1
    rewrite.meta_optimizer_iterations = rewriter_config_pb2.RewriterConfig.TWO
    return tf_optimizer.OptimizeGraph(config, meta)


def without_identities(graph: graph_pb2.GraphDef, outputs: Sequence[str]) -> graph_pb2.GraphDef:
    """Give an output's name to the node that computes it: OpenCV drops the names of identities."""
    nodes = {node.name: node for node in graph.node}
    renamed = {}
    for output in outputs:
        source = nodes[output]
        while source.op == "Identity":
            source = nodes[source.input[0].split(":")[0]]
        if source.name in renamed:
            raise InputError(f"Outputs {renamed[source.name]!r} and {output!r} are one tensor.")
        renamed[source.name] = output
    result = graph_pb2.GraphDef(versions=graph.versions)
    for node in graph.node:
        if node.name in outputs and node.op == "Identity":
            continue
        copy = result.node.add()
        copy.CopyFrom(node)
        copy.name = renamed.get(node.name, node.name)
        for index, name in enumerate(node.input):
            copy.input[index] = renamed.get(name.split(":")[0], name)
    return result


def one_step_means(graph: graph_pb2.GraphDef) -> graph_pb2.GraphDef:
    """Merge a mean over the width and one over the height: OpenCV misreads means over one axis."""
    result = graph_pb2.GraphDef()
    result.CopyFrom(graph)
    nodes = {node.name: node for node in result.node}
    merged = set()
    for node in result.node:
        inner = nodes.get(node.input[0]) if node.op == "Mean" else None
        if inner is None or inner.op != "Mean":
            continue
        axes = nodes[node.input[1]].attr["value"].tensor
        if int(tf.make_ndarray(axes).ravel()[0]) == 1:
            axes.CopyFrom(tf.make_tensor_proto(np.array([1, 2], np.int32)))
            node.input[0] = inner.input[0]
            merged |= {inner.name, inner.input[1]}
    kept = [node for node in result.node if node.name not in merged]
    simpler = graph_pb2.GraphDef(versions=graph.versions)
    simpler.node.extend(kept)
    return simpler


def spell_out(graph: graph_pb2.GraphDef) -> graph_pb2.GraphDef:
    """Write out what OpenCV does not infer.

    - Constants are stored value by value. TensorFlow stores a run of equal values once.
    - A softmax names the axis of the channels. OpenCV would take the last axis of its own order,
      which is the width.
    - An inverse square root becomes a square root and a reciprocal, which OpenCV has.
    """
    roots: list[node_def_pb2.NodeDef] = []
    result = graph_pb2.GraphDef()
    result.CopyFrom(graph)
    for node in result.node:
        if node.op == "Const":
            tensor = node.attr["value"].tensor
            value = tf.make_ndarray(tensor)
            node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value, shape=value.shape))
        elif node.op == "Softmax":
            node.attr["axis"].i = CHANNEL_AXIS
        elif node.op == "Rsqrt":
            root = node_def_pb2.NodeDef(name=f"{node.name}/root", op="Sqrt", input=node.input)
            roots.append(root)
            node.op, node.input[0] = "Reciprocal", root.name
    result.node.extend(roots)
    return result


def structure(graph: graph_pb2.GraphDef) -> graph_pb2.GraphDef:
    """Return the graph without its constants: the second argument of `readNet(pb, pbtxt)`."""
    result = graph_pb2.GraphDef(versions=graph.versions)
    result.node.extend(node for node in graph.node if node.op != "Const")
    return result
