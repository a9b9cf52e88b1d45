"""`tfmatting matte`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from tfmatting.cli.arguments import add_folder_options, add_model
from tfmatting.console import progress_bar
from tfmatting.imaging.foreground import ESTIMATORS

PASSED = ("model", "background", "threshold", "refine", "foreground", "blur_strength", "halo_free")
PASSED += ("threads", "metadata", "recursive", "suffix", "skip_existing", "show", "workers")
PASSED += ("manifest", "shard")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the arguments of the command."""
    add, switch = parser.add_argument, argparse.BooleanOptionalAction
    add("photos", nargs="+", type=Path, metavar="PHOTO|DIR|-")
    add("-o", "--output", type=Path, required=True, metavar="OUT", help="image, folder, or -")
    add_model(parser)
    add("--background", default="transparent", metavar="transparent|blur|COLOUR|IMAGE")
    show = parser.add_mutually_exclusive_group().add_argument
    kind: dict[str, Any] = {"dest": "show", "action": "store_const", "default": "composite"}
    show("--alpha", **kind, const="alpha", help="write the matte alone, in grey")
    show("--trimap", **kind, const="trimap", help="0, 128, 255; of a T-Net or LFM as --model")
    show("--visualize", **kind, const="visualize", help="photo, matte or classes, and overlay")
    add("--threshold", type=float, metavar="X", help="a binary mask: 1 where alpha is X or more")
    add("--refine", action=switch, default=True, help="guided filter")
    add("--foreground", choices=ESTIMATORS, default=ESTIMATORS[0], help="colour estimation")
    add("--blur-strength", type=float, default=0.02, metavar="X", help="sigma / longer side")
    add("--halo-free", action=switch, default=True, help="no colours of the person in the blur")
    add("--metadata", action=switch, default=True, help="keep date, camera and place")
    add_folder_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Process the photos. The exit code is 2 if one failed."""
    from tfmatting.photos.folder import matte_folder
    from tfmatting.photos.jobs import STANDARD_STREAM

    report = matte_folder(
        arguments.photos,
        arguments.output,
        progress=lambda jobs: progress_bar(jobs) if len(jobs) > 1 else jobs,
        **{name: getattr(arguments, name) for name in PASSED},
    )
    if len(report.results) == 1 and (error := report.results[0].error):
        raise error
    for line in report.describe():
        print(line, file=sys.stderr)
    stream = sys.stderr if arguments.output == STANDARD_STREAM else sys.stdout
    print(report.summary(arguments.output), file=stream)
    return 2 if report.failures else 0
