"""`tfmatting video`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tfmatting.cli.arguments import add_model, bar
from tfmatting.imaging.background import parse_background
from tfmatting.imaging.visualization import grey_to_rgb
from tfmatting.inference.smoothing import SMOOTHERS


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


def run(arguments: argparse.Namespace) -> int:
    """Matte a video; exit code 2 if a part of it could not be read."""
    from tfmatting.files import atomic_path
    from tfmatting.inference import load
    from tfmatting.video.moving_background import MovingBackground
    from tfmatting.video.pipeline import Picture, matted
    from tfmatting.video.reader import VideoReader
    from tfmatting.video.writer import VideoWriter, check_output

    background = parse_background(arguments.background, arguments.blur_strength, moving=True)
    solid = arguments.alpha or arguments.side_by_side or background.opaque
    check_output(arguments.output, transparent=not solid)
    if arguments.output.resolve() == arguments.video.resolve():
        raise ValueError(f"The video would be overwritten: {arguments.output}.")

    scenes = MovingBackground(background.path) if background.path else None

    def compose(frame: np.ndarray, alpha: np.ndarray, seconds: float) -> np.ndarray:
        behind = background.showing(scenes.at(seconds)) if scenes else background
        result = grey_to_rgb(alpha) if arguments.alpha else behind.compose(frame, alpha)
        if arguments.side_by_side:
            result = np.concatenate([frame, result[..., :3]], axis=1)
        return result

    smoother = SMOOTHERS[arguments.smooth]() if arguments.smooth else None
    with VideoReader(arguments.video) as reader:
        matter = load(arguments.model, refine=arguments.refine, threads=arguments.threads)
        height, width = reader.facts.upright_size
        size = (height, 2 * width if arguments.side_by_side else width)
        with (
            atomic_path(arguments.output) as temporary,
            VideoWriter(temporary, reader, size, transparent=not solid) as writer,
        ):

            def written() -> Iterator[Picture]:
                for item in matted(reader, matter, compose, smoother):
                    if isinstance(item, Picture):
                        writer.write(item.pixels, item.pts)
                        yield item
                    else:
                        writer.write_sound(item)

            frames = sum(1 for _ in bar(written(), reader.facts.frames or None, "frame"))
        problems = reader.problems
    print(f"{frames} frames written: {arguments.output}")
    for problem in problems[:10]:
        print(f"tfmatting video: {arguments.video}: {problem}", file=sys.stderr)
    return 2 if problems else 0
