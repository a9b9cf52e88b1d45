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


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add `--model` and `--threads`."""
    parser.add_argument(
        "--model",
        default="portrait",
        metavar="FILE",
        help="a pretrained model, a .keras, .tflite, .onnx or .pb file, or a SavedModel folder",
    )
    parser.add_argument("--threads", type=positive, help="processor threads; all if omitted")


def add_folder_options(parser: argparse.ArgumentParser) -> None:
    """Add what is asked of folders of photos."""
    add = parser.add_argument
    add("--recursive", action="store_true", help="search subfolders; write the same tree")
    add("--suffix", default="", metavar="TEXT", help="of names in a folder: a.jpg -> aTEXT.png")
    add("--workers", type=int, metavar="N", help="processes; all cores for many photos")
    add("--shard", metavar="I/N", help="the i-th of n parts of the photos, for job arrays")
    add("--manifest", metavar="FILE.csv|.parquet", help="a table with a row for each photo")
    existing = parser.add_mutually_exclusive_group().add_argument
    left = "leave photos out whose output exists"
    existing("--skip-existing", "--resume", action="store_true", help=left)
    existing("--overwrite", action="store_true", help="replace outputs that exist (the default)")
