"""Finds the command, and turns errors into one line."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from tfmatting.allocation import keep_freed_memory
from tfmatting.version import __version__

COMMANDS = {
    "matte": "cut people out of photos",
    "video": "cut people out of a video; sound and timing stay",
    "webcam": "a camera's picture with another background, live",
    "train": "train a model, stage by stage",
    "export": "write a trained model for a phone, a Coral or a server",
    "lint": "say what an accelerator would not take of a .tflite file",
    "evaluate": "judge a model on a data set",
    "benchmark": "time models of any format in one run",
    "prepare": "turn a published data set into pairs with trimaps and lists",
    "convert": "bring PyTorch weights in",
    "models": "list the models",
}
BAD_INPUT, MISMATCH, INTERRUPTED = 2, 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: as after the program's name; `sys.argv` when omitted.

    Returns:
        The exit code: 0, 1 (an export differs), 2 (bad input) or 130 (interrupted).
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="tfmatting", description="Portrait matting with Keras, for edge devices."
    )
    parser.add_argument("--version", action="version", version=f"tfmatting {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    chosen = next((word for word in arguments if not word.startswith("-")), None)
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
    parsed = parser.parse_args(arguments)
    parsed.arguments = arguments
    return run_safely(parsed)


def run_safely(parsed: argparse.Namespace) -> int:
    """Call a command; errors of input become a line and an exit code."""
    keep_freed_memory()
    try:
        return parsed.run(parsed) or 0
    except KeyboardInterrupt:
        hint = " Continue with --resume." if parsed.command == "train" else ""
        return _fail(f"Interrupted.{hint}", INTERRUPTED)
    except (ValueError, OSError, ImportError, FloatingPointError) as error:
        if os.environ.get("TFMATTING_TRACEBACK"):
            raise
        return _fail(f"tfmatting {parsed.command}: {_one_line(error)}", BAD_INPUT)


def _one_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.strerror}: {error.filename}"
    return " ".join(str(error).split()) or type(error).__name__


def _fail(line: str, code: int) -> int:
    print(line, file=sys.stderr)
    return code
