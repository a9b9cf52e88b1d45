"""`tfmatting matte`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tfmatting.cli.arguments import add_model
from tfmatting.cli.photo_arguments import RENDERING, add_parts, add_rendering
from tfmatting.cli.telling import Teller

PASSED = (*RENDERING, "recursive", "suffix", "skip_existing", "workers", "manifest", "shard")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the arguments of the command."""
    add = parser.add_argument
    add("photos", nargs="+", type=Path, metavar="PHOTO|DIR|-")
    add("-o", "--output", type=Path, required=True, metavar="OUT", help="image, folder, or -")
    add_model(parser, "portrait_fine")
    add_rendering(parser)
    add("--recursive", action="store_true", help="search subfolders; write the same tree")
    add_parts(parser)
    existing = parser.add_mutually_exclusive_group().add_argument
    left = "leave photos out whose output exists"
    existing("--skip-existing", "--resume", action="store_true", help=left)
    existing("--overwrite", action="store_true", help="replace outputs that exist (the default)")


def run(arguments: argparse.Namespace) -> int:
    """Process the photos. The exit code is 2 if one failed."""
    from tfmatting.photos.folder import matte_folder

    teller = Teller(arguments.output)
    report = matte_folder(
        arguments.photos,
        arguments.output,
        progress=teller.progress,
        each=teller.tell,
        **{name: getattr(arguments, name) for name in PASSED},
    )
    return teller.end(report)
