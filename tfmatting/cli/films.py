"""What `tfmatting video` does with a folder, and what it says of a film."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tfmatting.console import printable, progress_bar, say
from tfmatting.errors import InputError
from tfmatting.video.folder import FilmResult, matte_videos
from tfmatting.video.matte import VideoReport

SHOWN_PROBLEMS = 10
PASSED = ("container", "recursive", "manifest", "resume")


def tell(film: Path, report: VideoReport) -> None:
    """Say what became of a film."""
    frames = "1 frame" if report.frames == 1 else f"{report.frames} frames"
    print(printable(f"{frames} written: {report.output}"))
    for problem in [*report.notes, *report.problems[:SHOWN_PROBLEMS]]:
        say(f"tfmatting video: {film}: {problem}")


def run_folder(arguments: argparse.Namespace, options: dict[str, Any]) -> int:
    """Matte the films of a folder; exit code 2 if one was not whole."""
    if arguments.frame_rate:
        raise InputError("--frame-rate is of numbered pictures. Received: a folder of films.")
    del options["resume"]

    def each(result: FilmResult) -> None:
        if result.report:
            tell(result.film, result.report)
        else:
            say(f"{result.film}: {result.error}")

    results, skipped = matte_videos(
        arguments.video,
        arguments.output,
        each=each,
        progress=progress_bar,
        **{name: getattr(arguments, name) for name in PASSED},
        **options,
    )
    for one in skipped:
        say(f"Left out: {one.path} ({one.reason})")
    written = sum(result.error is None for result in results)
    print(f"{written} of {len(results)} written: {arguments.output}")
    return 0 if all(result.sound for result in results) else 2
