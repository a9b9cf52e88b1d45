"""Finds the command and runs it."""

from __future__ import annotations

import argparse
import importlib
import io
import sys
from collections.abc import Sequence
from typing import NoReturn

from tfmatting.allocation import keep_freed_memory
from tfmatting.cli.errors import INTERRUPTED, OneLineParser, run_safely
from tfmatting.interruption import end
from tfmatting.version import __version__

COMMANDS = {
    "matte": "cut people out of photos",
    "library": "cut people out of a library of photos, on one machine or many",
    "video": "cut people out of a video, keeping its sound and timing",
    "webcam": "replace the background of a camera picture, live",
    "train": "train a model, stage by stage",
    "export": "export a trained model for a phone, a Coral or a server",
    "lint": "list what an accelerator or a client rejects in a file",
    "evaluate": "measure the quality of a model on a data set",
    "benchmark": "measure the speed of models of any format in one run",
    "prepare": "turn a published data set into pairs with trimaps and lists",
    "convert": "convert weights from other code: PyTorch, Keras .h5, MODNet's .onnx",
    "serve": "give the page that cuts people out in a browser",
    "models": "list the models",
}


def program() -> NoReturn:
    """Run the command of `sys.argv` as a process of its own."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # a file's name may hold what a terminal cannot; logs get each line when it is said
        sys.stdout.reconfigure(errors="backslashreplace", line_buffering=True)
    code = main()
    if code == INTERRUPTED:
        end(code)
    sys.exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: the words after the program's name. `sys.argv` if omitted.

    Returns:
        The exit code: 0, 1 (an export differs), 2 (bad input) or 130 (interrupted by Ctrl-C or
        SIGTERM).
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    name = next((word for word in words if not word.startswith("-")), "")
    return run_safely(name, lambda: _run(words, name))


def _run(words: list[str], chosen: str) -> int:
    parser = OneLineParser(
        prog="tfmatting", description="Portrait matting with Keras, for edge devices."
    )
    parser.add_argument("--version", action="version", version=f"tfmatting {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, description in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=description,
            description=description[0].upper() + description[1:] + ".",
            formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        )
        if name == chosen:
            module = importlib.import_module(f"tfmatting.cli.{name}")
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    parsed, unknown = parser.parse_known_args(words)
    if unknown:  # told by the command, whose options they are not
        commands.choices[parsed.command].error(f"unrecognized arguments: {' '.join(unknown)}")
    keep_freed_memory()
    return parsed.run(parsed) or 0
