"""What became of many photos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tfmatting.imaging.photo_files.listing import Skipped
from tfmatting.locations import Location
from tfmatting.photos.processor import MatteResult

NAMED = 5
"""Of the files left out for one reason, so many are named."""


class LeftOut:
    """What was left out: counted by reason, and the first names kept.

    Args:
        keep_all: keep every name.
    """

    def __init__(self, *, keep_all: bool = True):
        self.counts: Counter[str] = Counter()
        self.kept: list[Skipped] = []
        self._keep_all = keep_all

    def add(self, skipped: Skipped) -> None:
        """Count a file."""
        if self._keep_all or self.counts[skipped.reason] < NAMED:
            self.kept.append(skipped)
        self.counts[skipped.reason] += 1

    def describe(self) -> list[str]:
        """A line for each reason."""
        lines = []
        for reason, count in sorted(self.counts.items()):
            names = [one.path.name for one in self.kept if one.reason == reason][:NAMED]
            more = f" and {count - NAMED} more" if count > NAMED else ""
            lines.append(f"Left out {count} ({reason}): {', '.join(names)}{more}")
        return lines


@dataclass
class FolderReport:
    """What `matte_folder` did.

    Attributes:
        results: one for every photo, in order; none where each was given to `each`.
        skipped: files and folders that were left out, each with the reason; where results were
            given to `each`, the first of each reason.
        total: how many photos were worked on.
        failed: how many of them could not be processed.
        left_out: how many files were left out for which reason.
    """

    results: Sequence[MatteResult] = ()
    total: int = 0
    failed: int = 0
    left_out: LeftOut = field(default_factory=LeftOut)

    @property
    def skipped(self) -> list[Skipped]:
        """Files and folders that were left out, each with the reason."""
        return self.left_out.kept

    @property
    def written(self) -> list[Location]:
        """The files that were written, of `results`."""
        return [result.output for result in self.results if result.error is None]

    @property
    def failures(self) -> list[MatteResult]:
        """Those of `results` that could not be processed, each with its `error`."""
        return [result for result in self.results if result.error is not None]

    def summary(self, output: str | Path) -> str:
        """How many photos were written where."""
        return f"{self.total - self.failed} of {self.total} written: {output}"

    def describe(self) -> list[str]:
        """What to tell the user of single files: notes, files left out, failures."""
        notes = [line for one in self.results if not one.error for line in lines_of(one)]
        failures = [line for one in self.failures for line in lines_of(one)]
        return [*notes, *self.left_out.describe(), *failures]


def lines_of(result: MatteResult) -> list[str]:
    """What to tell the user of a photo: notes, or why it failed."""
    if result.error is not None:
        return [f"{result.photo}: {result.error}"]
    return [f"{result.photo}: {note}" for note in result.notes]
