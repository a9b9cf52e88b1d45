"""`tfmatting evaluate`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tfmatting.cli.arguments import add_model, bar, positive


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add = parser.add_argument
    add_model(parser)
    add("--data", default="sample", metavar="DIR|sample", help="a data set of any known layout")
    add("--region", choices=("all", "unknown"), default="all", help="whole image, or the band")
    add("--trimap-width", type=positive, default=20, metavar="N", help="of the band, pixels")
    add("--refine", action=argparse.BooleanOptionalAction, default=True, help="guided filter")
    add("--json", type=Path, metavar="FILE", help="write the means there")
    add("-o", "--output", type=Path, metavar="DIR", help="images.csv and worst.png go there")


def run(arguments: argparse.Namespace) -> int:
    """Evaluate and print the figures; exit code 2 if photos could not be judged."""
    from tfmatting.datasets.sources import read_all
    from tfmatting.evaluation.evaluate import evaluate
    from tfmatting.evaluation.report import table
    from tfmatting.files import write_text
    from tfmatting.inference import load

    matter = load(arguments.model, refine=arguments.refine, threads=arguments.threads)
    result = evaluate(
        matter,
        read_all(arguments.data),
        region=arguments.region,
        trimap_width=arguments.trimap_width,
        output=arguments.output,
        progress=bar,
    )
    print(table(result.means, result.images, arguments.region))
    if arguments.json:
        write_text(arguments.json, json.dumps(result.as_json(), indent=2) + "\n")
    if arguments.output:
        print(
            f"Each image: {arguments.output / 'images.csv'}. "
            f"Worst: {arguments.output / 'worst.png'}"
        )
    for problem in result.problems[:10]:
        print(f"tfmatting evaluate: not judged: {problem.path}: {problem.reason}", file=sys.stderr)
    if result.problems:
        print(f"{len(result.problems)} could not be judged.")
    return 2 if result.problems else 0
