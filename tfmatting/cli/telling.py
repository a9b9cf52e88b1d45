"""What a command says of many photos while it works and when it is done."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tfmatting.console import printable, progress_bar, say

if TYPE_CHECKING:  # `--help` needs neither NumPy nor OpenCV
    from tfmatting.photos.jobs import MatteJob
    from tfmatting.photos.processor import MatteResult
    from tfmatting.photos.report import FolderReport


class Teller:
    """Tells of each photo as it is done, so that a million of them need no memory.

    Args:
        output: where outputs go, as it was given.
    """

    def __init__(self, output: str | Path):
        self._output = output
        self._many = False
        self._last: MatteResult | None = None

    def progress(self, jobs: Collection[MatteJob]) -> Iterable[MatteJob]:
        """Show a bar, unless there is one photo alone."""
        self._many = len(jobs) > 1
        return progress_bar(jobs) if self._many else jobs

    def tell(self, result: MatteResult) -> None:
        """Say what the user should know of a photo."""
        from tfmatting.photos.report import lines_of

        self._last = result
        for line in lines_of(result) if self._many or result.error is None else ():
            say(line)

    def end(self, report: FolderReport) -> int:
        """Say how it went and return the exit code; the error of one photo alone is raised."""
        from tfmatting.photos.jobs import STANDARD_STREAM

        alone = self._last if report.total == 1 else None
        if alone and alone.error:
            raise alone.error
        for line in report.left_out.describe():
            say(line)
        stream = sys.stderr if self._output == STANDARD_STREAM else sys.stdout
        summary = report.summary(str(alone.output) if alone else self._output)
        print(printable(summary), file=stream)
        return 2 if report.failed else 0
