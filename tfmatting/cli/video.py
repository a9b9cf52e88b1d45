"""`tfmatting video`."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from tfmatting.cli.arguments import add_model
from tfmatting.console import progress_bar
from tfmatting.errors import InputError
from tfmatting.imaging.background import parse_background
from tfmatting.imaging.visualization import grey_to_rgb
from tfmatting.inference.smoothing import SMOOTHERS

DEPEND = (
    "video",
    "model",
    "background",
    "alpha",
    "side_by_side",
    "smooth",
    "refine",
    "blur_strength",
)
"""What the pictures of a video depend on."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add = parser.add_argument
    add("video", type=Path, metavar="IN")
    add("-o", "--output", type=Path, required=True, metavar="OUT", help=".mp4 .mov .mkv .webm")
    add_model(parser)
    add("--background", default="blur", metavar="transparent|blur|#rrggbb|IMAGE|VIDEO")
    add("--alpha", action="store_true", help="write the matte alone, grey")
    add("--side-by-side", action="store_true", help="the frame beside the result")
    add("--smooth", choices=tuple(SMOOTHERS), help="ofd: a frame of delay; recurrent: none")
    add("--refine", action=argparse.BooleanOptionalAction, default=True, help="guided filter")
    add("--blur-strength", type=float, default=0.02, metavar="X", help="sigma / longer side")
    add("--resume", action="store_true", help="go on where a stopped run left off")


def run(arguments: argparse.Namespace) -> int:
    """Matte a video; exit code 2 if a part of it could not be read."""
    from tfmatting.files import atomic_path
    from tfmatting.inference import load
    from tfmatting.video.encoding import check_output
    from tfmatting.video.moving_background import MovingBackground
    from tfmatting.video.mux import join
    from tfmatting.video.pipeline import matted
    from tfmatting.video.reader import VideoReader
    from tfmatting.video.segments import Segments
    from tfmatting.video.writer import PictureWriter

    background = parse_background(arguments.background, arguments.blur_strength, moving=True)
    solid = arguments.alpha or arguments.side_by_side or background.opaque
    encoding = check_output(arguments.output, transparent=not solid)
    if arguments.output.resolve() == arguments.video.resolve():
        raise InputError(f"The video would be overwritten: {arguments.output}.")

    scenes = MovingBackground(background.path) if background.path else None

    def compose(frame: np.ndarray, alpha: np.ndarray, seconds: float) -> np.ndarray:
        behind = background.showing(scenes.at(seconds)) if scenes else background
        result = grey_to_rgb(alpha) if arguments.alpha else behind.compose(frame, alpha)
        if arguments.side_by_side:
            result = np.concatenate([frame, result[..., :3]], axis=1)
        return result

    smoother = SMOOTHERS[arguments.smooth]() if arguments.smooth else None
    with VideoReader(arguments.video) as reader:
        predictor = load(arguments.model, refine=arguments.refine, threads=arguments.threads)
        facts = reader.facts
        height, width = facts.upright_size
        size = (height, 2 * width if arguments.side_by_side else width)
        segments = Segments(arguments.output, _settings(arguments), resume=arguments.resume)

        def open_writer(path: Path) -> PictureWriter:
            return PictureWriter(path, facts, encoding, size, transparent=not solid)

        pictures = matted(reader, predictor, compose, smoother, after=segments.last_pts)
        try:
            with closing(pictures), closing(segments.write(pictures, open_writer)) as written:
                for _ in progress_bar(written, facts.frames or None, "frame", done=segments.frames):
                    pass
            with atomic_path(arguments.output) as temporary:
                join(segments, reader, encoding, temporary)
        except BaseException:
            _say_what_is_kept(segments)
            raise
        segments.remove()
        problems = reader.problems
    print(f"{segments.frames} frames written: {arguments.output}")
    for problem in problems[:10]:
        print(f"tfmatting video: {arguments.video}: {problem}", file=sys.stderr)
    return 2 if problems else 0


def _settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """The settings that a resumed run must share; of files, their size and age as well."""
    settings: dict[str, Any] = {}
    for name in DEPEND:
        value = getattr(arguments, name)
        path = Path(str(value))
        if path.is_file():
            value = [str(path.resolve()), path.stat().st_size, path.stat().st_mtime]
        settings[name] = value
    return settings


def _say_what_is_kept(segments) -> None:
    if segments.frames:
        print(
            f"{segments.frames} finished frames are kept in {segments.folder}; the same command "
            "with --resume goes on with them.",
            file=sys.stderr,
        )
    else:
        segments.remove()
