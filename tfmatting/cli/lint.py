"""`tfmatting lint`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tfmatting.exporting.compatibility.targets import TARGETS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add = parser.add_argument
    add("file", type=Path, metavar="FILE", help="a .tflite file; .onnx for tensorrt and atc; .pb")
    kinds = {target.suffix: name for name, target in reversed(TARGETS.items())}
    first = ", ".join(f"{name} for {suffix}" for suffix, name in reversed(kinds.items()))
    add("--target", choices=tuple(TARGETS), help=f"when omitted, {first}")


def run(arguments: argparse.Namespace) -> int:
    """Print what the accelerator would refuse; exit code 1 if that matters."""
    from tfmatting.exporting.compatibility.lint import lint

    suffix = arguments.file.suffix.lower()
    first = next((name for name, each in TARGETS.items() if each.suffix == suffix), "edgetpu")
    report = lint(arguments.file, arguments.target or first)
    title = report.target.title
    print(f"{arguments.file} for {title}; list: {report.target.source}")
    print(f"{'operator':26} {'version':>7} {'count':>5}  verdict")
    for kind, version, reason, count in report.counts():
        print(f"{kind:26} {version:7} {count:5}  {reason or 'maps'}")
    for each in report.refused:
        if not each.follows:
            print(f"  {each.index:4} {each.kind}: {each.name.split(';')[0]}: {each.reason}")
    mapped = len(report.operators) - len(report.refused)
    print(f"{mapped} of {len(report.operators)} operators map.")
    if report.host_work is not None:
        print(f"{report.host_work:.1%} of the multiply-adds stay on the host.")
    word = "ready" if report.ready else "not ready"
    if report.ready and report.refused:
        word = f"ready, with {len(report.refused)} small operators on the host"
    print(f"{title}: {word}, by the published list; not tested on the device.")
    return 0 if report.ready else 1
