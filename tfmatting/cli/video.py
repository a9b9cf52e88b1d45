"""`tfmatting video`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tfmatting.cli.arguments import add_manifest, add_model
from tfmatting.inference.smoothing import SMOOTHERS

OPTIONS = ("model", "background", "alpha", "side_by_side", "smooth", "refine", "blur_strength")
OPTIONS += ("frame_rate", "resume", "threads", "delegate")
CONTAINER = ".mp4"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add = parser.add_argument
    add("video", type=Path, metavar="IN", help="a film, or a folder of films")
    names = ".mp4 .mov .mkv .webm .gif frames/%%05d.png; a folder for a folder of films"
    add("-o", "--output", type=Path, required=True, metavar="OUT", help=names)
    add_model(parser, "portrait_video")
    add("--background", default="blur", metavar="transparent|blur|COLOUR|IMAGE|VIDEO")
    add("--alpha", action="store_true", help="write the matte alone, in grey")
    add("--side-by-side", action="store_true", help="show the frame beside the result")
    add("--smooth", choices=tuple(SMOOTHERS), help="ofd: a frame of delay; recurrent: none")
    add("--refine", action=argparse.BooleanOptionalAction, default=True, help="guided filter")
    add("--blur-strength", type=float, default=0.02, metavar="X", help="sigma / longer side")
    add("--frame-rate", metavar="N", help="of numbered pictures; 25")
    add("--resume", action="store_true", help="continue a stopped run, if there is one")
    add("--container", metavar="SUFFIX", help=f"of the outputs of a folder; {CONTAINER}")
    add("--recursive", action="store_true", help="search subfolders; write the same tree")
    add_manifest(parser, "film")


def run(arguments: argparse.Namespace) -> int:
    """Matte a video or a folder; exit code 2 if a part of it could not be read."""
    from tfmatting.cli.films import run_folder
    from tfmatting.cli.one_film import run_film

    options = {name: getattr(arguments, name) for name in OPTIONS}
    if not arguments.video.is_dir():
        return run_film(arguments, options)
    arguments.container = arguments.container or CONTAINER
    return run_folder(arguments, options)
