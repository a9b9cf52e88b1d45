"""Which operators of a TFLite file an accelerator would refuse. LiteRT brings the schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfmatting.errors import InputError
from tfmatting.exporting.compatibility.report import LintReport, OperatorReport
from tfmatting.exporting.compatibility.targets import TFLiteTarget
from tfmatting.exporting.tflite.flatbuffer import operator_kind, read_tree

HOST_PART = 0.01
"""The share of the multiply-adds that may run on the host after the last mapped operator."""
INTEGERS = {schema.TensorType.INT8, schema.TensorType.UINT8, schema.TensorType.INT32}
TYPES = {value: name for name, value in vars(schema.TensorType).items() if name.isupper()}


def lint_tflite(path: Path, target: TFLiteTarget) -> LintReport:
    """Compare a `.tflite` file with an accelerator's published list; see `lint`."""
    try:
        return _compare(read_tree(path.read_bytes()), target)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except Exception as error:  # operators without their tensors: whatever breaks first
        raise InputError(f"The TFLite file {path} is damaged. Copy it again.") from error


def _compare(tree: Any, target: TFLiteTarget) -> LintReport:
    graph = tree.subgraphs[0]
    boundary = {int(index) for index in (*graph.inputs, *graph.outputs)}
    operators = []
    blocked = ""
    for index, operator in enumerate(graph.operators):
        kind, version = operator_kind(tree, operator)
        reason = _refusal(tree, graph, operator, boundary, target)
        follows = bool(blocked) and not reason
        if reason and target.one_graph and not blocked:
            blocked = f"{kind} (operator {index})"
        elif follows:
            reason = f"follows {blocked}, and only one sub-graph is mapped"
        name = graph.tensors[operator.outputs[0]].name.decode()
        work = multiply_adds(graph, operator, kind)
        operators.append(OperatorReport(index, kind, version, name, work, reason, follows))
    total = sum(operator.work for operator in operators)
    host = sum(operator.work for operator in operators if operator.reason)
    part = host / total if total else 1.0
    refused = any(operator.reason for operator in operators)
    ready = not refused or (target.one_graph and part <= HOST_PART)
    return LintReport(target, operators, ready, part)


def _refusal(tree: Any, graph: Any, operator: Any, boundary: set[int], target: TFLiteTarget) -> str:
    """Say why an operator is refused; empty when it is accepted."""
    kind, version = operator_kind(tree, operator)
    if kind not in target.versions:
        return "not in the published list"
    if version > target.versions[kind]:
        newest = target.versions[kind]
        detail = " (half-pixel corners)" if kind.startswith("RESIZE") and version == 3 else ""
        return f"version {version}{detail}; the newest taken is {newest}"
    indices = [int(index) for index in (*operator.inputs, *operator.outputs) if index >= 0]
    for index in indices:
        tensor = graph.tensors[index]
        signature = tensor.shapeSignature
        if signature is not None and np.any(np.asarray(signature) < 0):
            return f"dynamic shape {[int(side) for side in signature]}"
        if target.integers and index not in boundary and tensor.type not in INTEGERS:
            return f"a {TYPES[tensor.type].lower()} tensor"
        if target.integers and tensor.type not in INTEGERS:
            return f"{TYPES[tensor.type].lower()} input or output"
    elements = int(np.prod(graph.tensors[operator.inputs[0]].shape))
    limit = target.largest.get(kind)
    if limit is not None and elements > limit:
        return f"{elements:,} elements; at most {limit:,} are taken"
    return ""


def multiply_adds(graph: Any, operator: Any, kind: str) -> int:
    """Return the multiply-adds of a convolution or dense layer; other operators count as 0."""
    if kind not in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV"):
        return 0
    weights = graph.tensors[operator.inputs[1]].shape
    if kind == "TRANSPOSE_CONV":
        pixels = graph.tensors[operator.inputs[2]].shape
        return int(np.prod(weights)) * int(np.prod(pixels[1:3]))
    output = graph.tensors[operator.outputs[0]].shape
    spatial = int(np.prod(output[1:-1])) if len(output) > 2 else 1
    return int(np.prod(weights)) * spatial
