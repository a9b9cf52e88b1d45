"""`tfmatting benchmark`."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

from tfmatting.cli.arguments import add_delegate, positive, size
from tfmatting.console import progress_bar


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add = parser.add_argument
    models = "files of any format, or models that ship; ratios are to the first"
    add("--model", nargs="+", default=["portrait"], metavar="FILE", help=models)
    add("--photo", type=Path, metavar="FILE", help="time from this photo to its alpha")
    add("--input-size", type=size, metavar="H,W", help="for models that take any size")
    add("--threads", type=positive, help="of the processor; all if omitted")
    add_delegate(parser)
    add("--rounds", type=positive, default=40, help="timed runs of each model")
    add("--json", type=Path, metavar="FILE", help="write the figures there")
    add("-o", "--output", type=Path, metavar="FILE.png", help="draw them as bars there")
    add("--device", choices=("here", "adb"), default="here", help="adb: print how to, and stop")


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    from tfmatting.evaluation.latency import measure, table
    from tfmatting.evaluation.latency_picture import write_bars
    from tfmatting.evaluation.phones import ON_A_PHONE
    from tfmatting.files import check_file, write_json
    from tfmatting.imaging.io import read_image
    from tfmatting.plots import check_picture

    if arguments.device == "adb":
        print(ON_A_PHONE)
        return 0
    check_file(arguments.json, *arguments.model, arguments.photo)
    check_picture(arguments.output, *arguments.model, arguments.photo)
    results = measure(
        arguments.model,
        photo=read_image(arguments.photo) if arguments.photo else None,
        input_size=arguments.input_size,
        threads=arguments.threads,
        delegate=arguments.delegate,
        rounds=arguments.rounds,
        progress=progress_bar,
    )
    timed = f"from {arguments.photo} to its alpha" if arguments.photo else "the network alone"
    print(f"{timed}, {arguments.rounds} rounds, threads: {arguments.threads or 'all'}")
    print(table(results))
    if arguments.json:
        write_json(arguments.json, [dataclasses.asdict(entry) for entry in results])
    if arguments.output:
        write_bars(results, arguments.output)
    return 0
