"""What `tfmatting video` does with one film."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from tfmatting.cli.films import tell
from tfmatting.console import progress_bar
from tfmatting.errors import InputError
from tfmatting.video.one_film import matte_film, noting


def run_film(arguments: argparse.Namespace, options: dict[str, Any]) -> int:
    """Matte a film; exit code 2 if a part of it could not be read."""
    for name in ("container", "recursive"):
        if getattr(arguments, name):
            raise InputError(
                f"--{name} is of a folder of films. Received: {arguments.video}. Leave it out."
            )
    try:
        with noting(arguments.manifest) as note:
            result = matte_film(arguments.video, arguments.output, **options, progress=progress_bar)
            note(result)
        if result.error:
            raise result.error
    except BaseException as error:
        for line in getattr(error, "__notes__", ()):
            print(line, file=sys.stderr)
        raise
    if result.report:
        tell(arguments.video, result.report)
    return 0 if result.sound else 2
