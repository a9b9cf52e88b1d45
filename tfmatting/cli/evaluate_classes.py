"""`tfmatting evaluate --classes N`."""

from __future__ import annotations

import argparse

from tfmatting.cli.problems import tell
from tfmatting.console import progress_bar

PERSONS_OWN = ("person", "backgrounds", "output")


def run_classes(arguments: argparse.Namespace) -> int:
    """Judge all classes and print the figures; exit code 2 if photos could not be judged."""
    from tfmatting.errors import InputError
    from tfmatting.evaluation.classes import evaluate_classes
    from tfmatting.files import write_json

    given = [f"--{name}" for name in PERSONS_OWN if getattr(arguments, name) is not None]
    if given or arguments.workers > 1:
        raise InputError(
            "All classes are judged in one process, without options of the person's matte. "
            f"Received: {' '.join(['--classes', *(given or ['--workers'])])}."
        )
    if not arguments.data:
        raise InputError("Drawn samples have no class numbers. Give --data DIR.")
    options = {
        name: getattr(arguments, name) for name in ("part", "ignored", "threads", "delegate")
    }
    result = evaluate_classes(
        arguments.model, arguments.data, arguments.classes, **options, progress=progress_bar
    )
    print(result.table())
    print(f"Judged: {result.origin}.")
    if arguments.json:
        write_json(arguments.json, result.as_json())
    return tell(result.problems, "evaluate", "judged")
