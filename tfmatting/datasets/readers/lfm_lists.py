"""LFM's lists: `train_set.txt` and `val_set.txt`, with `IMAGE ALPHA` in each line."""

from __future__ import annotations

from pathlib import Path

from tfmatting.datasets.readers.listed import resolve, unique
from tfmatting.datasets.sample import FileSource, Listing, Problem


def read_lfm_lists(root: Path) -> Listing:
    """List the pairs of every `*_set.txt` in the folder, in the order of their names."""
    listings = [read_list(path) for path in sorted(root.glob("*_set.txt"))]
    return Listing(
        [source for listing in listings for source in listing.sources],
        [problem for listing in listings for problem in listing.problems],
    )


def read_list(path: Path) -> Listing:
    """List the pairs of one file.

    The two paths are separated by a tab, a comma, or spaces. Paths with spaces need a tab or comma.
    """
    sources, problems, taken = [], [], set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        parts = _parts(line)
        where = f"{path}:{number}"
        if len(parts) != 2:
            problems.append(Problem(where, "a line holds an image path and an alpha path"))
            continue
        image, alpha = (resolve(part, path.parent) for part in parts)
        if image is None or alpha is None:
            missing = parts[0] if image is None else parts[1]
            problems.append(Problem(where, f"no file at {missing}"))
            continue
        sources.append(FileSource(unique(image.stem, taken), image, alpha))
    return Listing(sources, problems)


def _parts(line: str) -> list[str]:
    for separator in ("\t", ","):
        if separator in line:
            return [part.strip() for part in line.split(separator)]
    return line.split()
