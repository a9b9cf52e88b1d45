"""The arguments that say what the numbers of masks mean."""

from __future__ import annotations

import argparse


def add_masks(parser: argparse.ArgumentParser) -> None:
    """Add `--person` and `--ignore`."""
    person = "masks hold class numbers, and a person's is N"
    parser.add_argument("--person", type=int, metavar="N", help=person)
    add_ignore(parser)


def add_ignore(parser: argparse.ArgumentParser) -> None:
    """Add `--ignore`."""
    stated = "the number that states no class in masks; 255 does without it"
    parser.add_argument("--ignore", type=int, dest="ignored", metavar="N", help=stated)
