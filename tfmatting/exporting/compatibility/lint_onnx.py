"""Which operators of an ONNX file a compiler would refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tfmatting.errors import InputError, MissingExtraError
from tfmatting.exporting.compatibility.report import LintReport, OperatorReport
from tfmatting.exporting.compatibility.targets import ONNXTarget


def lint_onnx(path: Path, target: ONNXTarget) -> LintReport:
    """Compare an `.onnx` file with a compiler's published list; see `lint`."""
    try:
        import onnx
    except ImportError as error:
        raise MissingExtraError("ONNX files need `pip install 'tfmatting[onnx]'`.") from error
    data = path.read_bytes()
    try:
        model = onnx.load_from_string(data)
        onnx.checker.check_model(model)
        opset = max(one.version for one in model.opset_import if one.domain in ("", "ai.onnx"))
    except Exception as error:  # protobuf's and onnx's own kinds have no common one
        raise InputError(f"Not an ONNX file: {path}.") from error
    operators = [
        OperatorReport(index, node.op_type, opset, node.output[0], 0, _refusal(node, opset, target))
        for index, node in enumerate(model.graph.node)
    ]
    ready = not any(operator.reason for operator in operators)
    return LintReport(target, operators, ready, host_work=None)


def _refusal(node: Any, opset: int, target: ONNXTarget) -> str:
    """Say why a node is refused; empty when it is accepted."""
    if opset > target.opset:
        return f"opset {opset}; the newest taken is {target.opset}"
    if node.op_type not in target.operators:
        return "not in the published list"
    if node.op_type == "Resize":
        for attribute in node.attribute:
            taken = target.resize.get(attribute.name)
            value = attribute.s.decode(errors="replace")
            if taken is not None and value not in taken:
                return f"{attribute.name} {value}; taken are {', '.join(sorted(taken))}"
    return ""
