"""`tfmatting matte`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tfmatting.cli.arguments import add_model
from tfmatting.console import progress_bar
from tfmatting.imaging.foreground import ESTIMATORS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the arguments of the command."""
    add, switch = parser.add_argument, argparse.BooleanOptionalAction
    add("photos", nargs="+", type=Path, metavar="PHOTO|DIR")
    add("-o", "--output", type=Path, required=True, metavar="OUT", help="an image, or a folder")
    add_model(parser)
    backgrounds = "transparent|blur|#rrggbb|IMAGE"
    add("--background", default="transparent", metavar=backgrounds, help="behind the person")
    show = parser.add_mutually_exclusive_group()
    show.add_argument("--alpha", action="store_true", help="write the matte alone, in grey")
    side_by_side = "photo, matte or classes, and overlay, side by side"
    show.add_argument("--visualize", action="store_true", help=side_by_side)
    mask = "a binary mask: 1 where alpha is at least X, else 0"
    add("--threshold", type=float, metavar="X", help=mask)
    add("--refine", action=switch, default=True, help="guided filter")
    add("--foreground", choices=ESTIMATORS, default=ESTIMATORS[0], help="colour estimation")
    add("--blur-strength", type=float, default=0.02, metavar="X", help="sigma / longer side")
    add("--halo-free", action=switch, default=True, help="no colours of the person in the blur")


def run(arguments: argparse.Namespace) -> int:
    """Process the photos. The exit code is 2 if one failed."""
    from tfmatting.photos.folder import matte_folder

    report = matte_folder(
        arguments.photos,
        arguments.output,
        model=arguments.model,
        background=arguments.background,
        show="alpha" if arguments.alpha else "visualize" if arguments.visualize else "composite",
        threshold=arguments.threshold,
        refine=arguments.refine,
        foreground=arguments.foreground,
        blur_strength=arguments.blur_strength,
        halo_free=arguments.halo_free,
        threads=arguments.threads,
        progress=lambda jobs: progress_bar(jobs) if len(jobs) > 1 else jobs,
    )
    count = len(report.results)
    if count == 1 and (error := report.results[0].error):
        raise error
    for failure in report.failures:
        print(f"tfmatting matte: {failure.photo}: {failure.error}", file=sys.stderr)
    where = report.results[0].output if count == 1 else arguments.output
    print(f"{len(report.written)} of {count} written: {where}")
    return 2 if report.failures else 0
