"""`train.py`, `tfmatting train`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tfmatting.cli.train_arguments import add_arguments
from tfmatting.console import progress_bar
from tfmatting.errors import InputError
from tfmatting.training.train import train

__all__ = ["add_arguments", "run"]
PASSED = ("recipe", "stage", "data", "backgrounds", "frames", "input_size", "batch_size", "epochs")
PASSED += ("learning_rate", "seed", "output", "weights", "backbone_weights", "classes", "wandb")
PASSED += ("ignored", "strategy", "synchronized_batch_norm", "quantize_aware", "prune")
PASSED += ("resume", "overwrite", "smoke", "ray")
"""Arguments that `train` takes under the same names."""


def run(arguments: argparse.Namespace) -> int:
    """Train the stages asked for, and say where the checkpoint is."""
    options = {name: getattr(arguments, name) for name in PASSED}
    weights = train(
        arguments.model,
        **options,
        settings=dict(_setting(text) for text in arguments.set),
        report=print,
        progress=progress_bar,
    )
    # a checkout has export.py beside train.py, a wheel has neither
    export = "python export.py" if Path(sys.argv[0]).name == "train.py" else "tfmatting export"
    print(f"Best checkpoint: {weights}. Next: {export} --weights {weights} --format tflite")
    return 0


def _setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"--set takes KEY=VALUE. Received: {text!r}.")
    return key, value
