"""Checks every sample before training starts."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tfmatting.datasets.inspected import InspectedSamples
from tfmatting.datasets.sample import Listing, Problem, SampleSource
from tfmatting.files import write_text


def inspect(
    listing: Listing,
    progress: Callable[[Iterable, int], Iterable] | None = None,
    known: InspectedSamples | None = None,
) -> Listing:
    """Load every sample once and find those that cannot be used.

    Args:
        listing: the result of a reader.
        progress: wraps an iterable of known length in a progress bar.
        known: samples that an earlier run found good, which are not loaded; brought up to date.

    Returns:
        The usable samples in order, and the problems of the reader and of this check.
    """

    def failure(source: SampleSource) -> Problem | None:
        if known is not None and source in known:
            return None
        try:
            source.load()
        except (ValueError, OSError) as error:
            return Problem(source.identifier, str(error))
        return None

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results: Iterable = pool.map(failure, listing.sources)
        if progress:
            results = progress(results, len(listing.sources))
        failures = list(results)
    good = [
        source for source, problem in zip(listing.sources, failures, strict=True) if not problem
    ]
    found = [problem for problem in failures if problem]
    if known is not None:
        known.write(good)
    return Listing(good, [*listing.problems, *found])


def write_report(path: str | Path, problems: Sequence[Problem]) -> None:
    """Write the problems as a CSV table of path and reason. Without problems it has no rows."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("path", "reason"))
    writer.writerows((problem.path, problem.reason) for problem in problems)
    write_text(path, text.getvalue())
