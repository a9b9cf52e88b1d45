"""Lists of pairs: `train_set.txt`, `val_set.txt` and `test_set.txt`, `IMAGE ALPHA` in each line.

LFM's own layout, and what `tfmatting prepare` writes.
"""

from __future__ import annotations

from pathlib import Path

from tfmatting.datasets.matching import by_key, unique
from tfmatting.datasets.readers.listed import resolve
from tfmatting.datasets.sample import FileSource, Listing, Parts, Problem
from tfmatting.documents import read_text
from tfmatting.imaging.io import list_images

SET = "_set.txt"


def read_lfm_lists(root: Path) -> Listing:
    """List the pairs of every `*_set.txt` in the folder, in the order of their names."""
    listings = [read_list(path) for path in sorted(root.glob(f"*{SET}"))]
    return Listing(
        [source for listing in listings for source in listing.sources],
        [problem for listing in listings for problem in listing.problems],
    )


def read_lfm_parts(root: Path) -> Parts:
    """List the pairs of each part; every other `*_set.txt` is for training where none is."""
    lists = [root / f"{name}{SET}" for name in ("train", "val", "test")]
    train, validation, test = (read_list(path) if path.is_file() else None for path in lists)
    if train is None and validation is None and test is None:
        train = read_lfm_lists(root)
    return Parts(train, validation, test)


def read_list(path: Path) -> Listing:
    """List the pairs of one file, with the trimaps of a folder `trimap/` beside the alphas'.

    The two paths are separated by a tab, a comma, or spaces. Paths with spaces need a tab or comma.
    """
    sources, problems, taken = [], [], set()
    trimaps: dict[Path, dict[str, Path]] = {}
    for number, line in enumerate(read_text(path).splitlines(), start=1):
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
        folder = alpha.parent.parent / "trimap"
        if folder not in trimaps:
            trimaps[folder] = by_key(list_images(folder))[0] if folder.is_dir() else {}
        trimap = trimaps[folder].get(alpha.stem)
        sources.append(FileSource(unique(image.stem, taken), image, alpha, trimap))
    return Listing(sources, problems, path.name)


def _parts(line: str) -> list[str]:
    for separator in ("\t", ","):
        if separator in line:
            return [part.strip() for part in line.split(separator)]
    return line.split()
