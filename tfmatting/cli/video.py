"""`tfmatting video`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tfmatting.cli.arguments import add_manifest, add_model
from tfmatting.console import progress_bar
from tfmatting.inference.smoothing import SMOOTHERS

OPTIONS = ("model", "background", "alpha", "side_by_side", "smooth", "refine", "blur_strength")
OPTIONS += ("frame_rate", "resume", "threads", "delegate")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add = parser.add_argument
    add("video", type=Path, metavar="IN", help="a film, or a folder of films")
    names = ".mp4 .mov .mkv .webm .gif frames/%%05d.png; a folder for a folder of films"
    add("-o", "--output", type=Path, required=True, metavar="OUT", help=names)
    add_model(parser, "portrait_video")
    add("--background", default="blur", metavar="transparent|blur|#rrggbb|IMAGE|VIDEO")
    add("--alpha", action="store_true", help="write the matte alone, in grey")
    add("--side-by-side", action="store_true", help="show the frame beside the result")
    add("--smooth", choices=tuple(SMOOTHERS), help="ofd: a frame of delay; recurrent: none")
    add("--refine", action=argparse.BooleanOptionalAction, default=True, help="guided filter")
    add("--blur-strength", type=float, default=0.02, metavar="X", help="sigma / longer side")
    add("--frame-rate", metavar="N", help="of numbered pictures; 25")
    add("--resume", action="store_true", help="continue a stopped run")
    add("--container", default=".mp4", metavar="SUFFIX", help="of the outputs of a folder")
    add("--recursive", action="store_true", help="search subfolders; write the same tree")
    add_manifest(parser, "film of a folder")


def run(arguments: argparse.Namespace) -> int:
    """Matte a video or a folder; exit code 2 if a part of it could not be read."""
    from tfmatting.cli.films import run_folder, tell
    from tfmatting.video.matte import matte_video

    options = {name: getattr(arguments, name) for name in OPTIONS}
    if arguments.video.is_dir():
        return run_folder(arguments, options)
    try:
        report = matte_video(arguments.video, arguments.output, **options, progress=progress_bar)
    except BaseException as error:
        for note in getattr(error, "__notes__", ()):
            print(note, file=sys.stderr)
        raise
    tell(arguments.video, report)
    return 2 if report.problems else 0
