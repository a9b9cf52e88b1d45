"""`tfmatting webcam`."""

from __future__ import annotations

import argparse

from tfmatting.cli.arguments import add_model, positive
from tfmatting.inference.smoothing import SMOOTHERS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add = parser.add_argument
    add_model(parser, "portrait_video")
    add("--camera", default="0", metavar="N|FILE", help="a camera's number, or a video file")
    add("--background", default="blur", metavar="blur|COLOUR|IMAGE")
    add("--blur-strength", type=float, default=0.02, metavar="X", help="sigma / longer side")
    add(
        "--mirror",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="of the preview",
    )
    add("--crop", action=argparse.BooleanOptionalAction, default=False, help="network's shape")
    add("--side-by-side", action="store_true", help="show the camera beside the result")
    add("--smooth", choices=tuple(SMOOTHERS), help="ofd: a frame of delay; recurrent: none")
    add("--refine", action=argparse.BooleanOptionalAction, default=True, help="guided filter")
    add("--preview", action=argparse.BooleanOptionalAction, default=True, help="open a window")
    add("--virtual-camera", action="store_true", help="send the pictures to other programs")
    add("--frames", type=positive, metavar="N", help="stop after N frames")


def run(arguments: argparse.Namespace) -> int:
    """Show the camera with another background until q, Ctrl-C or the end of the file."""
    from tfmatting.video.live import show_camera

    report = show_camera(
        arguments.camera,
        model=arguments.model,
        background=arguments.background,
        blur_strength=arguments.blur_strength,
        mirror=arguments.mirror,
        crop=arguments.crop,
        side_by_side=arguments.side_by_side,
        smooth=arguments.smooth,
        refine=arguments.refine,
        preview=arguments.preview,
        virtual_camera=arguments.virtual_camera,
        frames=arguments.frames,
        threads=arguments.threads,
        delegate=arguments.delegate,
    )
    times = f"inference {report.inference_milliseconds:.1f} ms, "
    times += f"whole frame {report.frame_milliseconds:.1f} ms"
    print(f"{report.frames} frames, {report.frame_rate:.1f} a second, {times}")
    return 0
