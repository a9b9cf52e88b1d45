"""What `tfmatting evaluate` says of samples that it could not judge."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tfmatting.datasets.sample import Problem

SHOWN_PROBLEMS = 10


def tell(problems: list[Problem]) -> int:
    """Name what could not be judged, and return the exit code."""
    for problem in problems[:SHOWN_PROBLEMS]:
        print(f"tfmatting evaluate: not judged: {problem.path}: {problem.reason}", file=sys.stderr)
    if problems:
        print(f"{len(problems)} could not be judged.")
    return 2 if problems else 0
