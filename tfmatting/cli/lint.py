"""`tfmatting lint`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tfmatting.errors import InputError

TARGETS = ("edgetpu", "gpu", "nnapi")
"""Of `.tflite` files."""
ONNX_TARGETS = ("tensorrt", "atc")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add = parser.add_argument
    add("file", type=Path, metavar="FILE", help="a .tflite file; .onnx for tensorrt and atc")
    add("--target", choices=(*TARGETS, *ONNX_TARGETS), default="edgetpu")


def run(arguments: argparse.Namespace) -> int:
    """Print what would not map; exit code 1 if that matters."""
    verdict = _verdict(arguments.file, arguments.target)
    target = verdict.target
    kinds: dict[tuple[str, int, str], int] = {}
    for finding in verdict.findings:
        key = finding.kind, finding.version, finding.reason
        kinds[key] = kinds.get(key, 0) + 1
    print(f"{arguments.file} for {target.title}; list: {target.source}")
    print(f"{'operator':26} {'version':>7} {'count':>5}  verdict")
    for (kind, version, reason), count in sorted(kinds.items()):
        print(f"{kind:26} {version:7} {count:5}  {reason or 'maps'}")
    for finding in verdict.refused:
        if finding.follows:
            continue
        print(f"  {finding.index:4} {finding.kind}: {finding.name.split(';')[0]}: {finding.reason}")
    mapped = len(verdict.findings) - len(verdict.refused)
    print(f"{mapped} of {len(verdict.findings)} operators map.")
    if verdict.host_work is not None:
        print(f"{verdict.host_work:.1%} of the multiply-adds stay on the host.")
    word = "ready" if verdict.ready else "not ready"
    print(f"{target.title}: {word}, by the published list; not tested on the device.")
    return 0 if verdict.ready else 1


def _verdict(file: Path, name: str):
    expected = ".onnx" if name in ONNX_TARGETS else ".tflite"
    if file.suffix.lower() != expected:
        raise InputError(f"--target {name} reads {expected} files. Received: {file.name}.")
    from tfmatting.exporting.compatibility import targets

    if name in ONNX_TARGETS:
        from tfmatting.exporting.compatibility.lint_onnx import lint_onnx

        return lint_onnx(file, targets.ONNX_TARGETS[name])
    from tfmatting.tensorflow_setup import import_tensorflow

    import_tensorflow()
    from tfmatting.exporting.compatibility.lint_tflite import lint

    return lint(file, targets.TARGETS[name])
