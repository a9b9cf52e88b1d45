"""The official MODNet's ONNX file, as a state dictionary with its modules' names.

An exported graph has lost the names: its convolutions are told apart by their order, which is that
of the network's forward pass. The exporter folds a batch normalisation into the convolution before
it, where it directly follows, and leaves out what only training reads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tfmatting.errors import InputError, MissingExtraError
from tfmatting.layers.convolution import ConvolutionStyle

ENCODER = "backbone.model.features"
LOW = ("conv_lr16x", "conv_lr8x")
HIGH = (
    *("tohr_enc2x", "conv_enc2x", "tohr_enc4x", "conv_enc4x"),
    *(f"conv_hr4x.{number}" for number in range(3)),
    *(f"conv_hr2x.{number}" for number in range(4)),
)
TRAINING_ONLY = ("lr_branch.conv_lr.", "hr_branch.conv_hr.")
"""Prefixes of what an exported graph may lack."""
BETWEEN = ("Slice", "Split")
"""What may stand between a convolution and its normalisation."""


def read_modnet_onnx(path: str | Path) -> dict[str, np.ndarray]:
    """Read the weights of a MODNet in ONNX.

    Args:
        path: the official `.onnx`, or one exported from the official code, in any precision.

    Returns:
        Name -> float32 array, named as in the official `.ckpt`. A folded batch normalisation has
        scale 1, mean 0 and the convolution's bias.

    Raises:
        MissingExtraError: onnx is missing.
        InputError: no ONNX graph, or not one of a MODNet.
    """
    try:
        import onnx
        from onnx import numpy_helper
    except ImportError as error:
        raise MissingExtraError(
            "Reading ONNX weights needs onnx. Run `pip install 'tfmatting[onnx]'`."
        ) from error
    try:
        found = _read(path, onnx, numpy_helper.to_array)
    except Exception as error:  # protobuf's and onnx's own kinds have no common one
        raise InputError(f"Not an ONNX file with its weights inside: {path}") from error
    for order in (list(modules()), [name for name in modules() if not _training_only(name)]):
        if len(order) == len(found):
            return _named(order, found)
    raise InputError(
        f"A MODNet has {len(list(modules()))} convolutions and dense layers, or "
        f"{sum(not _training_only(name) for name in modules())} without what only training reads. "
        f"Received: {path}, with {len(found)}."
    )


def _read(path: str | Path, onnx: Any, to_array: Callable) -> list[tuple[np.ndarray, Any, Any]]:
    """What `_weighted` finds in a file."""
    # data beside the file could be any file of this machine
    graph = onnx.load(str(path), load_external_data=False).graph
    values = {entry.name: to_array(entry) for entry in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].HasField("t"):
            values[node.output[0]] = to_array(node.attribute[0].t)
        elif node.op_type in ("Transpose", "Identity") and node.input[0] in values:
            values[node.output[0]] = values[node.input[0]]  # of a matrix: turned below
    return list(_weighted(graph, values))


def modules() -> Iterator[str]:
    """Modules with weights, in the order of the forward pass."""
    yield f"{ENCODER}.0.0"
    for block in range(17):
        for position in (0, 3) if block == 0 else (0, 3, 6):
            yield f"{ENCODER}.{block + 1}.conv.{position}"
    yield f"{ENCODER}.18.0"
    yield from (f"lr_branch.se_block.fc.{number}" for number in (0, 2))
    yield from (f"lr_branch.{name}.layers.0" for name in (*LOW, "conv_lr"))
    yield from (f"hr_branch.{name}.layers.0" for name in (*HIGH, "conv_hr.0", "conv_hr.1"))
    names = ("conv_lr4x", "conv_f2x", "conv_f.0", "conv_f.1")
    yield from (f"f_branch.{name}.layers.0" for name in names)


def lacks_training_outputs(state: dict[str, np.ndarray]) -> bool:
    """Whether a graph was exported without the semantic and the detail map."""
    return not any(_training_only(name) for name in state)


def _training_only(name: str) -> bool:
    return name.startswith(TRAINING_ONLY)


def _weighted(graph: Any, values: dict[str, np.ndarray]) -> Iterator[tuple[np.ndarray, Any, Any]]:
    """Yield (kernel or matrix, bias, batch normalisation) in the graph's order; none as None."""
    consumers: dict[str, list[Any]] = defaultdict(list)
    for node in graph.node:
        for name in node.input:
            consumers[name].append(node)
    for node in graph.node:
        if node.op_type not in ("Conv", "MatMul", "Gemm") or node.input[1] not in values:
            continue
        bias = values.get(node.input[2]) if len(node.input) > 2 else None
        after = list(consumers[node.output[0]])
        for following in consumers[node.output[0]]:
            if following.op_type in BETWEEN:
                after += [n for output in following.output for n in consumers[output]]
        normalization = next((n for n in after if n.op_type == "BatchNormalization"), None)
        scales = normalization and [values[name] for name in normalization.input[1:5]]
        yield values[node.input[1]], bias, scales


def _named(order: list[str], found: list[tuple[np.ndarray, Any, Any]]) -> dict[str, np.ndarray]:
    state = {}
    for module, (weight, bias, scales) in zip(order, found, strict=True):
        if weight.ndim == 2 and (weight.shape[0] < weight.shape[1]) != module.endswith("fc.0"):
            weight = weight.T
        state[f"{module}.weight"] = weight
        if module.startswith(ENCODER):
            root, position = module.rsplit(".", 1)
            normalization = f"{root}.{int(position) + 1}"
            if scales is None:
                one = np.ones(len(weight))
                scales = (
                    one,
                    one * 0 if bias is None else bias,
                    one * 0,
                    one - ConvolutionStyle().epsilon,
                )
        else:
            normalization = module.removesuffix("layers.0") + "layers.1.bnorm"
            if bias is not None:
                state[f"{module}.bias"] = bias
        if scales is not None:
            names = ("weight", "bias", "running_mean", "running_var")
            state |= {f"{normalization}.{n}": v for n, v in zip(names, scales, strict=True)}
    return {name: np.asarray(value, np.float32) for name, value in state.items()}
