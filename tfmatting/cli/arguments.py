"""Arguments shared by several commands."""

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
    """argparse type of positive integers."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"needs a whole number from 1. Received: {text!r}.")
    return value


def add_model(parser: argparse.ArgumentParser, default: str = "portrait") -> None:
    """Add `--model`, `--threads` and `--delegate`."""
    parser.add_argument(
        "--model",
        default=default,
        metavar="FILE",
        help="a pretrained model, a .keras, .tflite, .onnx or .pb file, or a SavedModel folder",
    )
    parser.add_argument("--threads", type=positive, help="processor threads; all if omitted")
    add_delegate(parser)


def add_delegate(parser: argparse.ArgumentParser) -> None:
    """Add `--delegate`."""
    runs = "runs a .tflite model on an accelerator: libedgetpu.so.1, or the path of another"
    parser.add_argument("--delegate", metavar="LIBRARY", help=runs)


def add_manifest(parser: argparse.ArgumentParser, of: str) -> None:
    """Add `--manifest`."""
    kept = f"a table with a row for each {of}"
    parser.add_argument("--manifest", metavar="FILE.csv|.parquet", help=kept)
