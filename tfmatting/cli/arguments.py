"""Arguments that several commands share."""

from __future__ import annotations

import argparse

from tfmatting.config import Size, parse_size


def size(text: str) -> Size:
    """argparse type of `H,W`."""
    try:
        return parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def positive(text: str) -> int:
    """argparse type of whole numbers from 1."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"needs a whole number from 1. Received: {text!r}.")
    return value


def add_model(parser: argparse.ArgumentParser) -> None:
    """`--model FILE` of commands that use a model."""
    parser.add_argument(
        "--model",
        default="portrait",
        metavar="FILE",
        help=".keras, .tflite, a SavedModel folder, or a model that ships",
    )
    parser.add_argument("--threads", type=positive, help="of the processor; all when omitted")
