"""`tfmatting prepare`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tfmatting.cli.arguments import positive
from tfmatting.cli.mask_arguments import add_masks
from tfmatting.cli.problems import tell
from tfmatting.console import progress_bar
from tfmatting.datasets.names import SAMPLE
from tfmatting.datasets.preparation import PHOTO_FORMATS, REFINEMENTS, Preparation, prepare
from tfmatting.datasets.prepared_folder import REPORT_FILE, Origin
from tfmatting.datasets.readers import LAYOUTS
from tfmatting.datasets.sources import SAMPLE_COUNT, read_everything

TRIMAP_WIDTH = 10
PASSED = ("refine", "seed", "binarize", "photos", "lists", "numbered")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the arguments of the command."""
    add = parser.add_argument
    layouts = "; ".join(f"{layout.name}: {layout.description}" for layout in LAYOUTS.values())
    add("layout", choices=(*LAYOUTS, SAMPLE), metavar="LAYOUT", help=f"{layouts}; sample: drawn")
    add("source", type=Path, nargs="?", metavar="SRC", help="folder of the data set")
    add("-o", "--output", type=Path, required=True, metavar="DIR")
    add("--train-ratio", type=float, default=0.9, metavar="X", help="of data without parts")
    add("--trimap-width", type=positive, metavar="N", help="kernel diameter; else own trimaps, 10")
    add("--binarize", type=int, metavar="N", help="alpha above N of 255 is 255, the rest is 0")
    add_masks(parser)
    add("--numbered", action="store_true", help="name the samples 0, 1, 2, ...")
    add("--refine", choices=REFINEMENTS, default="none", help="soft alpha from binary masks")
    add("--photos", choices=PHOTO_FORMATS, default="jpg", help="png keeps photos without loss")
    add("--lists", default="", metavar="NAME", help="also write NAME_img.json, NAME_alpha.json, ..")
    add("--count", type=positive, default=SAMPLE_COUNT, metavar="N", help="number of drawn samples")
    add("--workers", type=positive, metavar="N", help="processes; all cores if omitted")
    add("--seed", type=int, default=0, metavar="N")


def run(arguments: argparse.Namespace) -> int:
    """Prepare the samples and print the problems; exit code 2 if some could not be prepared."""
    settings = Preparation(
        train_ratio=arguments.train_ratio,
        trimap_width=arguments.trimap_width or TRIMAP_WIDTH,
        keep_trimaps=arguments.trimap_width is None,
        **{name: getattr(arguments, name) for name in PASSED},
    )
    words = ("source", "layout", "person", "count", "seed", "ignored")
    samples = read_everything(**{name: getattr(arguments, name) for name in words})
    decide = ("layout", "source", "count", "person", "ignored")
    origin = Origin.of(**{name: getattr(arguments, name) for name in decide})
    output, workers = arguments.output, arguments.workers
    prepared = prepare(samples, output, settings, progress_bar, workers, origin)
    print(f"{len(prepared.sources)} samples in {output}.")
    code = tell(prepared.problems, "prepare", "prepared", f"{output / REPORT_FILE}")
    print(f"Next: tfmatting train --data {output}")
    return code
