"""`tfmatting convert`."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from tfmatting.cli.arguments import positive, size
from tfmatting.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add = parser.add_argument
    add(
        "checkpoint",
        type=Path,
        metavar="CHECKPOINT",
        help="PyTorch .pth or .ckpt, Keras .h5",
    )
    add("--model", required=True, metavar="NAME", help="a model of the registry")
    add("--input-size", type=size, metavar="H,W", help="the model's default when omitted")
    add(
        "--classes",
        type=positive,
        metavar="N",
        help="segmenters: a new classifier of so many classes, to be trained",
    )
    add("-o", "--output", type=Path, required=True, metavar="FILE.keras")


def run(arguments: argparse.Namespace) -> int:
    """Build the original form of the model, set its weights, write a checkpoint."""
    from tfmatting.tensorflow_setup import import_tensorflow

    import_tensorflow()
    from tfmatting.models import build, find, save_model
    from tfmatting.models.variants import with_new_classifier

    if arguments.output.suffix != ".keras":
        raise InputError(f"A checkpoint's name ends in .keras. Received: {arguments.output}.")
    module, function = find(arguments.model).importer
    model = build(arguments.model, arguments.input_size)
    load = getattr(importlib.import_module(module), function)
    model = load(model, arguments.checkpoint) or model  # some rebuild it in the file's form
    if arguments.classes:
        model = with_new_classifier(model, arguments.classes)
    save_model(model, arguments.output)
    print(f"{arguments.output}: {arguments.model} with the weights of {arguments.checkpoint}.")
    return 0
