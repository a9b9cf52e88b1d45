"""Which operators of a frozen TensorFlow graph an importer or a converter would refuse."""

from __future__ import annotations

from pathlib import Path

from tfmatting.errors import InputError
from tfmatting.exporting.compatibility.graph_def import DamagedGraphError, GraphNode, read_nodes
from tfmatting.exporting.compatibility.report import LintReport, OperatorReport
from tfmatting.exporting.compatibility.targets import GraphTarget

RESIZES = ("ResizeBilinear", "ResizeNearestNeighbor")


def lint_graph(path: Path, target: GraphTarget) -> LintReport:
    """Compare a `.pb` file with a published list of operators; see `lint`."""
    try:
        nodes = read_nodes(path.read_bytes())
    except DamagedGraphError as error:
        raise InputError(f"Not a frozen TensorFlow graph: {path}.") from error
    constants = {node.name for node in nodes if node.operator == "Const"}
    operators = [
        OperatorReport(index, node.operator, 1, node.name, 0, _refusal(node, constants, target))
        for index, node in enumerate(nodes)
        if node.operator != "Const"
    ]
    ready = not any(operator.reason for operator in operators)
    return LintReport(target, operators, ready, host_work=None)


def _refusal(node: GraphNode, constants: set[str], target: GraphTarget) -> str:
    """Say why a node is refused; empty when it is accepted."""
    if node.operator not in target.operators:
        return "not in the published list"
    if not target.inference_only:
        return ""
    if node.switches.get("is_training"):
        return "normalizes as in training; freeze the graph for inference"
    if node.operator in RESIZES and not set(node.inputs[1:]) <= constants:
        return "its size is computed; it must be a constant"
    return ""
