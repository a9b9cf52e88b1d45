"""Which operators of an exported file an accelerator would refuse, and why.

The file is compared with what is published. It is not compiled and not run on the device: the
verdict is "ready", never "tested". TensorFlow is not needed.
"""

from __future__ import annotations

from pathlib import Path

from tfmatting.errors import InputError, MissingFileError
from tfmatting.exporting.compatibility.lint_graph import lint_graph
from tfmatting.exporting.compatibility.lint_onnx import lint_onnx
from tfmatting.exporting.compatibility.lint_tflite import lint_tflite
from tfmatting.exporting.compatibility.report import LintReport
from tfmatting.exporting.compatibility.targets import TARGETS, GraphTarget, TFLiteTarget


def lint(path: str | Path, target: str = "edgetpu") -> LintReport:
    """Compare a file with an accelerator's published list of operators, versions and limits.

    Args:
        path: a `.tflite` file; an `.onnx` file for a compiler that reads those; or a frozen graph
            in `.pb`, for OpenCV or TFLite's converter.
        target: a key of `TARGETS`.

    Returns:
        A report on every operator.

    Raises:
        InputError: an unknown target, a file of another kind, or a damaged one.
        MissingFileError: no such file.
        MissingExtraError: the package `onnx` is missing; the extra is named.

    Example:
        >>> from tfmatting.exporting.compatibility.lint import lint
        >>> from tfmatting.inference.loading import find_model
        >>> lint(find_model("portrait_lite"), "gpu").ready
        True
        >>> report = lint(find_model("portrait_lite"), "edgetpu")
        >>> report.ready, f"{report.host_work:.0%} of the work stays on the host"
        (False, '41% of the work stays on the host')
    """
    path = Path(path)
    if target not in TARGETS:
        raise InputError(f"No target {target!r}. Known: {', '.join(TARGETS)}.")
    accelerator = TARGETS[target]
    if path.suffix.lower() != accelerator.suffix:
        raise InputError(
            f"--target {target} reads {accelerator.suffix} files. Received: {path.name}."
        )
    if not path.is_file():
        raise MissingFileError(f"No file at {path}.")
    if isinstance(accelerator, TFLiteTarget):
        return lint_tflite(path, accelerator)
    if isinstance(accelerator, GraphTarget):
        return lint_graph(path, accelerator)
    return lint_onnx(path, accelerator)
