"""Which operators of an ONNX file a compiler would not take, by its published list.

The file is compared with what is published, not compiled: the verdict is "ready", never "tested".
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tfmatting.errors import InputError, MissingExtraError
from tfmatting.exporting.compatibility.report import Finding, Verdict
from tfmatting.exporting.compatibility.targets import OnnxTarget


def lint_onnx(path: Path, target: OnnxTarget) -> Verdict:
    """Compare a file with a compiler's published list.

    Args:
        path: the `.onnx`.
        target: of `ONNX_TARGETS`.

    Raises:
        FileNotFoundError, ValueError: no such file, or not an ONNX file; ImportError: the extra
            is missing.
    """
    try:
        import onnx
    except ImportError as error:
        raise MissingExtraError("ONNX files need `pip install tfmatting[onnx]`.") from error
    data = path.read_bytes()
    try:
        model = onnx.load_from_string(data)
        onnx.checker.check_model(model)
    except Exception as error:  # protobuf's and onnx's own kinds have no common one
        raise InputError(f"Not an ONNX file: {path}.") from error
    opset = max(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
    findings = [
        Finding(index, node.op_type, opset, node.output[0], 0, _refusal(node, opset, target))
        for index, node in enumerate(model.graph.node)
    ]
    ready = not any(finding.reason for finding in findings)
    return Verdict(target, findings, ready, host_work=None)


def _refusal(node: Any, opset: int, target: OnnxTarget) -> str:
    if opset > target.opset:
        return f"opset {opset}; the newest taken is {target.opset}"
    if node.op_type not in target.operators:
        return "not in the published list"
    if node.op_type == "Resize":
        for attribute in node.attribute:
            taken = target.resize.get(attribute.name)
            value = attribute.s.decode()
            if taken is not None and value not in taken:
                return f"{attribute.name} {value}; taken are {', '.join(sorted(taken))}"
    return ""
