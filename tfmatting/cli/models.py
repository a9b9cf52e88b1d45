"""`tfmatting models`: what can be built, and what ships."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has none."""


def run(arguments: argparse.Namespace) -> int:
    """Print a row for each model: name, weights, size, stages; then what ships."""
    from tfmatting.inference.pretrained import PRETRAINED
    from tfmatting.models.spec import SPECS

    print(f"{'name':16} {'trainable':>11} {'input':>9}  stages")
    for name, spec in SPECS.items():
        height, width = spec.default_size
        size, stages = f"{height},{width}", ", ".join(spec.stages)
        print(f"{name:16} {spec.trainable_parameters:11,} {size:>9}  {stages}")
        print(f"{'':16} {spec.paper}")
    for name, shipped in PRETRAINED.items():
        height, width = shipped.input_size
        print(
            f"ships: {name} ({shipped.megabytes:.1f} MB, {shipped.model}, {height},{width}, "
            f"{shipped.precision}): {shipped.purpose}"
        )
    return 0
