"""`tfmatting webcam`."""

from __future__ import annotations

import argparse
import contextlib
import time

from tfmatting.cli.arguments import add_model, positive
from tfmatting.errors import InputError
from tfmatting.imaging.background import parse_background

REPORT_SECONDS = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add = parser.add_argument
    add_model(parser)
    add("--camera", default="0", metavar="N|FILE", help="a camera's number, or a video file")
    add("--background", default="blur", metavar="blur|#rrggbb|IMAGE")
    add("--blur-strength", type=float, default=0.02, metavar="X", help="sigma / longer side")
    add("--mirror", action=argparse.BooleanOptionalAction, default=True, help="as in a mirror")
    add("--refine", action=argparse.BooleanOptionalAction, default=True, help="guided filter")
    add("--preview", action=argparse.BooleanOptionalAction, default=True, help="open a window")
    add("--virtual-camera", action="store_true", help="give the pictures to other programs")
    add("--frames", type=positive, metavar="N", help="stop after so many")


def run(arguments: argparse.Namespace) -> int:
    """Show the camera with another background until q, Ctrl-C or the file's end."""
    from tfmatting.inference import load
    from tfmatting.video.camera import Camera
    from tfmatting.video.sinks import Sink, VirtualCamera, Window

    background = parse_background(arguments.background, arguments.blur_strength)
    if not background.opaque:
        raise InputError("A camera's picture is opaque. Give --background blur, a colour or image.")
    with Camera(arguments.camera) as camera, contextlib.ExitStack() as closing:
        stream = load(arguments.model, refine=arguments.refine, threads=arguments.threads).stream()
        sinks: list[Sink] = []
        if arguments.virtual_camera:
            sinks.append(VirtualCamera(camera.size, camera.frame_rate))
        if arguments.preview:
            sinks.append(Window())
        for sink in sinks:
            closing.callback(sink.close)
        start = shown_at = time.perf_counter()
        count = shown = 0
        note = ""
        for frame in camera.frames():
            picture = background.compose(frame, stream.alpha(frame))
            if arguments.mirror:
                picture = picture[:, ::-1]
            count += 1
            now = time.perf_counter()
            if now - shown_at >= REPORT_SECONDS:
                note = f"{(count - shown) / (now - shown_at):.0f} frames/s"
                shown, shown_at = count, now
            wanted = [sink.show(picture, note) for sink in sinks]
            if not all(wanted) or count == arguments.frames:
                break
    seconds = time.perf_counter() - start
    print(f"{count} frames, {count / seconds:.1f} a second")
    return 0
