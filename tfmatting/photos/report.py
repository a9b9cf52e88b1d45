"""What became of a folder of photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tfmatting.imaging.photo_files.listing import Skipped
from tfmatting.photos.processor import MatteResult

NAMED = 5
"""Of the files left out for one reason, so many are named."""


@dataclass(frozen=True)
class FolderReport:
    """What `matte_folder` did.

    Attributes:
        results: one for every photo, in order.
        skipped: files and folders that were left out, each with the reason.
    """

    results: Sequence[MatteResult]
    skipped: Sequence[Skipped] = ()

    @property
    def written(self) -> list[Path]:
        """The files that were written."""
        return [result.output for result in self.results if result.error is None]

    @property
    def failures(self) -> list[MatteResult]:
        """The photos that could not be processed, each with its `error`."""
        return [result for result in self.results if result.error is not None]

    def summary(self, output: Path) -> str:
        """How many photos were written where."""
        where = self.results[0].output if len(self.results) == 1 else output
        return f"{len(self.written)} of {len(self.results)} written: {where}"

    def describe(self) -> list[str]:
        """What to tell the user of single files: notes, files left out, failures."""
        lines = [f"{one.photo}: {note}" for one in self.results for note in one.notes]
        ordered = sorted(self.skipped, key=lambda one: one.reason)
        for reason, group in groupby(ordered, key=lambda one: one.reason):
            names = [one.path.name for one in group]
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            lines.append(f"Left out {len(names)} ({reason}): {', '.join(names[:NAMED])}{more}")
        lines += [f"{one.photo}: {one.error}" for one in self.failures]
        return lines
