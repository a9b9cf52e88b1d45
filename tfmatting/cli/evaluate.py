"""`tfmatting evaluate`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tfmatting.cli.arguments import add_model, positive
from tfmatting.cli.evaluate_classes import run_classes
from tfmatting.cli.mask_arguments import add_masks
from tfmatting.cli.problems import tell
from tfmatting.console import progress_bar
from tfmatting.datasets.names import PARTS

PASSED = ("part", "person", "ignored", "region", "trimap_width", "output", "backgrounds", "refine")
PASSED += ("threads", "delegate", "workers")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add = parser.add_argument
    add_model(parser)
    add("--data", metavar="DIR|sample", help="a data set in any known layout; else the sample")
    add("--part", choices=PARTS, help="of the data set; else its test part, or validation part")
    add_masks(parser)
    maps = "masks are maps of N class numbers: mean IoU of all classes"
    add("--classes", type=positive, metavar="N", help=maps)
    held_back = "pictures without people: false alarms on every third, which training holds back"
    add("--backgrounds", type=Path, metavar="DIR", help=held_back)
    add("--region", choices=("all", "unknown"), default="all", help="whole image, or the band")
    add("--trimap-width", type=positive, default=20, metavar="N", help="of the band, pixels")
    add("--refine", action=argparse.BooleanOptionalAction, default=True, help="guided filter")
    add("--workers", type=positive, default=1, metavar="N", help="processes, one thread each")
    add("--json", type=Path, metavar="FILE", help="write the means there")
    add("-o", "--output", type=Path, metavar="DIR", help="images.csv and worst.png go there")


def run(arguments: argparse.Namespace) -> int:
    """Evaluate and print the figures; exit code 2 if photos could not be judged."""
    from tfmatting.evaluation.evaluate import evaluate
    from tfmatting.evaluation.report import table
    from tfmatting.files import check_file, write_json

    check_file(arguments.json, arguments.model)
    if arguments.classes:
        return run_classes(arguments)
    data = arguments.data or (None if arguments.backgrounds else "sample")
    options = {name: getattr(arguments, name) for name in PASSED}
    result = evaluate(arguments.model, data, **options, progress=progress_bar)
    if result.images:
        print(table(result.means, result.images, arguments.region))
        print(f"Judged: {result.origin or 'drawn samples'}.")
    if result.images and arguments.output:
        csv, sheet = arguments.output / "images.csv", arguments.output / "worst.png"
        print(f"Each image: {csv}. Worst: {sheet}")
    if result.false_alarms:
        print(result.false_alarms.line())
    if arguments.json:
        write_json(arguments.json, result.as_json())
    return tell(result.problems, "evaluate", "judged")
