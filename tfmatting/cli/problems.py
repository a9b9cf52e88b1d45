"""What a command says of samples that it could not use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tfmatting.console import say

if TYPE_CHECKING:
    from tfmatting.datasets.sample import Problem

SHOWN_PROBLEMS = 10


def tell(problems: Sequence[Problem], command: str, done: str, report: str = "") -> int:
    """Name what could not be `done`, where all of it is reported, and return the exit code."""
    for problem in problems[:SHOWN_PROBLEMS]:
        say(f"tfmatting {command}: not {done}: {problem.path}: {problem.reason}")
    if problems:
        print(f"{len(problems)} could not be {done}{report and f': see {report}'}.")
    return 2 if problems else 0
