"""`tfmatting prepare`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tfmatting.cli.arguments import positive
from tfmatting.console import progress_bar
from tfmatting.datasets.preparation import REFINEMENTS, Preparation, prepare
from tfmatting.datasets.readers import LAYOUTS, find_layout
from tfmatting.datasets.sources import SAMPLE, SAMPLE_COUNT
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the arguments of the command."""
    add = parser.add_argument
    layouts = "; ".join(f"{layout.name}: {layout.description}" for layout in LAYOUTS.values())
    add("layout", choices=(*LAYOUTS, SAMPLE), metavar="LAYOUT", help=f"{layouts}; sample: drawn")
    add("source", type=Path, nargs="?", metavar="SRC", help="folder of the data set")
    add("-o", "--output", type=Path, required=True, metavar="DIR")
    add("--train-ratio", type=float, default=0.9, metavar="X")
    add("--trimap-width", type=positive, default=10, metavar="N", help="kernel diameter, pixels")
    add("--refine", choices=REFINEMENTS, default="none", help="soft alpha from binary masks")
    add("--count", type=positive, default=SAMPLE_COUNT, metavar="N", help="number of drawn samples")
    add("--seed", type=int, default=0, metavar="N")


def run(arguments: argparse.Namespace) -> int:
    """Prepare the samples and print the problems."""
    settings = Preparation(
        arguments.train_ratio, arguments.trimap_width, arguments.refine, arguments.seed
    )
    if arguments.layout == SAMPLE:
        listing = sample_listing(arguments.count, arguments.seed)
    elif arguments.source is None:
        raise InputError(f"Layout {arguments.layout} needs a source folder.")
    else:
        listing = find_layout(arguments.source, arguments.layout).read(arguments.source)
    prepared = prepare(listing, arguments.output, settings, progress_bar)
    print(
        f"{len(prepared.sources)} samples in {arguments.output}, {len(prepared.problems)} "
        f"problems in {arguments.output / 'report.csv'}."
    )
    for problem in prepared.problems[:5]:
        print(f"  {problem.path}: {problem.reason}")
    print(f"Next: python train.py --data {arguments.output}")
    return 0
