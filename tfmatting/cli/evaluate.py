"""`tfmatting evaluate`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfmatting.cli.arguments import add_model, positive
from tfmatting.console import progress_bar

if TYPE_CHECKING:
    from tfmatting.datasets.sample import Problem
    from tfmatting.inference import Predictor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add = parser.add_argument
    add_model(parser)
    add("--data", metavar="DIR|sample", help="a data set of any known layout; else the sample")
    add(
        "--backgrounds",
        type=Path,
        metavar="DIR",
        help="people-free pictures: false alarms on every third, which training holds back",
    )
    add("--region", choices=("all", "unknown"), default="all", help="whole image, or the band")
    add("--trimap-width", type=positive, default=20, metavar="N", help="of the band, pixels")
    add("--refine", action=argparse.BooleanOptionalAction, default=True, help="guided filter")
    add("--json", type=Path, metavar="FILE", help="write the means there")
    add("-o", "--output", type=Path, metavar="DIR", help="images.csv and worst.png go there")


def run(arguments: argparse.Namespace) -> int:
    """Evaluate and print the figures; exit code 2 if photos could not be judged."""
    from tfmatting.files import write_text
    from tfmatting.inference import load

    predictor = load(arguments.model, refine=arguments.refine, threads=arguments.threads)
    figures: dict[str, Any] = {}
    problems: list[Problem] = []
    if arguments.data or not arguments.backgrounds:
        figures |= _judge(predictor, arguments, problems)
    if arguments.backgrounds:
        figures["false_alarms"] = _false_alarms(predictor, arguments.backgrounds, problems)
    if arguments.json:
        write_text(arguments.json, json.dumps(figures, indent=2) + "\n")
    for problem in problems[:10]:
        print(f"tfmatting evaluate: not judged: {problem.path}: {problem.reason}", file=sys.stderr)
    if problems:
        print(f"{len(problems)} could not be judged.")
    return 2 if problems else 0


def _judge(
    predictor: Predictor, arguments: argparse.Namespace, problems: list[Problem]
) -> dict[str, float]:
    from tfmatting.datasets.sources import SAMPLE, read_all
    from tfmatting.evaluation.evaluate import evaluate
    from tfmatting.evaluation.report import table

    result = evaluate(
        predictor,
        read_all(arguments.data or SAMPLE),
        region=arguments.region,
        trimap_width=arguments.trimap_width,
        output=arguments.output,
        progress=progress_bar,
    )
    print(table(result.means, result.images, arguments.region))
    if arguments.output:
        print(
            f"Each image: {arguments.output / 'images.csv'}. "
            f"Worst: {arguments.output / 'worst.png'}"
        )
    problems += result.problems
    return result.as_json()


def _false_alarms(predictor: Predictor, folder: Path, problems: list[Problem]) -> dict[str, float]:
    from tfmatting.datasets.backgrounds import read_backgrounds
    from tfmatting.evaluation.false_alarm import false_alarms

    result = false_alarms(predictor, read_backgrounds(folder).held_back, progress_bar)
    print(result.line())
    problems += result.problems
    return result.as_json()
