"""`tfmatting library`."""

from __future__ import annotations

import argparse

from tfmatting.cli.arguments import add_model
from tfmatting.cli.photo_arguments import RENDERING, add_parts, add_rendering
from tfmatting.cli.telling import Teller

PASSED = ("workers", "below", "suffix", "overwrite", "shard", "manifest")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the arguments of the command."""
    add = parser.add_argument
    add("photos", metavar="DIR|LIST.parquet|URL", help="s3://..., or a table with a column photo")
    add("-o", "--output", required=True, metavar="OUT", help="folder or its URL")
    ray = "Ray Data: local, auto or HOST:PORT; else processes of this machine"
    add("--ray", metavar="ADDRESS", help=ray)
    add("--below", metavar="DIR", help="outputs keep a list's tree below this folder")
    add_model(parser, "portrait_fine")
    add_rendering(parser)
    add_parts(parser)
    add("--overwrite", action="store_true", help="also photos whose output exists")


def run(arguments: argparse.Namespace) -> int:
    """Process the photos that have no output. The exit code is 2 if one failed."""
    from tfmatting.photos.library import matte_library
    from tfmatting.photos.settings import MatteSettings

    teller = Teller(arguments.output)
    report = matte_library(
        arguments.photos,
        arguments.output,
        settings=MatteSettings(**{name: getattr(arguments, name) for name in RENDERING}),
        cluster=arguments.ray,
        progress=teller.progress,
        each=teller.tell,
        **{name: getattr(arguments, name) for name in PASSED},
    )
    return teller.end(report)
