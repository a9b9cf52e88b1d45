"""`tfmatting convert`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tfmatting.cli.arguments import positive, size


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add = parser.add_argument
    add(
        "checkpoint",
        type=Path,
        metavar="CHECKPOINT",
        help="PyTorch .pth or .ckpt, Keras .h5, MODNet's .onnx",
    )
    add("--model", required=True, metavar="NAME", help="a model of the registry")
    add("--input-size", type=size, metavar="H,W", help="the model's default when omitted")
    add(
        "--classes",
        type=positive,
        metavar="N",
        help="segmenters: a new classifier of so many classes, to be trained",
    )
    add(
        "--normalization",
        metavar="unit|symmetric|imagenet",
        help="the pixels that the file's network takes; imagenet for torchvision's own weights, "
        "the original code's when omitted",
    )
    add("-o", "--output", type=Path, required=True, metavar="FILE.keras")


def run(arguments: argparse.Namespace) -> int:
    """Convert, and say what was written."""
    from tfmatting import convert

    model = convert(
        arguments.checkpoint,
        arguments.model,
        arguments.output,
        input_size=arguments.input_size,
        classes=arguments.classes,
        normalization=arguments.normalization,
    )
    print(f"{arguments.output}: {arguments.model} with the weights of {arguments.checkpoint}.")
    if stage := model.metadata.get("stage"):
        print(f"They are of stage {stage}; what later stages train has random weights.")
    return 0
