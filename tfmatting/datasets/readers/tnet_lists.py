"""T-Net's lists: `NAME_img.json`, `NAME_alpha.json` and `NAME_trimap.json`, in parallel."""

from __future__ import annotations

from pathlib import Path

from tfmatting.datasets.matching import unique
from tfmatting.datasets.readers.listed import resolve
from tfmatting.datasets.sample import FileSource, Listing, Parts, Problem
from tfmatting.documents import read_json
from tfmatting.errors import InputError, MissingFileError

IMAGES = "_img.json"
PARTS = {"val": "validation", "validation": "validation", "test": "test", "testing": "test"}
"""How the NAME of a list's part ends, and which part that is; all others are for training."""


def read_tnet_lists(root: Path) -> Listing:
    """List the pairs of every NAME, with trimaps where there is a list of them.

    Raises:
        MissingFileError: no list of alphas.
        InputError: a list that is not a JSON array, or lists of different lengths.
    """
    return _join(root, _names(root))


def read_tnet_parts(root: Path) -> Parts:
    """List the pairs of each part: `aifenge_val` is for validation, `aifenge` for training.

    Raises:
        MissingFileError, InputError: see `read_tnet_lists`.
    """
    names: dict[str, list[str]] = {}
    for name in _names(root):
        part = PARTS.get(name.replace("-", "_").split("_")[-1].lower(), "train")
        names.setdefault(part, []).append(name)
    return Parts(**{"train": None} | {part: _join(root, found) for part, found in names.items()})


def _names(root: Path) -> list[str]:
    return [path.name.removesuffix(IMAGES) for path in sorted(root.glob(f"*{IMAGES}"))]


def _join(root: Path, names: list[str]) -> Listing:
    taken: set[str] = set()
    listings = [_read_lists(root, name, taken) for name in names]
    return Listing(
        [source for listing in listings for source in listing.sources],
        [problem for listing in listings for problem in listing.problems],
        ", ".join(name + IMAGES for name in names),
    )


def _read_lists(root: Path, name: str, taken: set[str]) -> Listing:
    """List the pairs of one NAME."""
    sources, problems = [], []
    image_list = root / f"{name}{IMAGES}"
    columns = {"image": _read(image_list), "alpha": _read(root / f"{name}_alpha.json")}
    trimap_list = root / f"{name}_trimap.json"
    if trimap_list.is_file():
        columns["trimap"] = _read(trimap_list)
    lengths = {key: len(paths) for key, paths in columns.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(
            f"The lists {name}_*.json must be of one length. Received: {lengths}. "
            "Make them again with `tfmatting prepare`."
        )
    for number, row in enumerate(zip(*columns.values(), strict=True)):
        found = [path for text in row if (path := resolve(text, root))]
        if len(found) < len(row):
            missing = next(text for text in row if not resolve(text, root))
            problems.append(Problem(f"{image_list}[{number}]", f"no file at {missing}"))
            continue
        trimap = found[2] if len(found) > 2 else None
        sources.append(FileSource(unique(found[0].stem, taken), found[0], found[1], trimap))
    return Listing(sources, problems)


def _read(path: Path) -> list[str]:
    if not path.is_file():
        raise MissingFileError(f"T-Net's lists come together. Missing: {path}.")
    paths = read_json(path)
    if not isinstance(paths, list) or not all(isinstance(item, str) for item in paths):
        raise InputError(f"{path} must be a JSON array of paths.")
    return paths
