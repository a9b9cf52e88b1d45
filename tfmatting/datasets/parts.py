"""The parts of a data set: one rule for training, evaluation, calibration and `prepare`.

A data set is divided as it was published: by lists (`train_set.txt`, VOC's `ImageSets`), else by
folders (`train/` + `val/`, `training/` + `testing/`). What is for validation or testing is never
learnt from.
"""

from __future__ import annotations

from pathlib import Path

from tfmatting.datasets.names import TEST, TRAIN, VALIDATION
from tfmatting.datasets.readers import LAYOUTS, Layout, find_layout, match_layout
from tfmatting.datasets.sample import Listing, Parts
from tfmatting.errors import InputError

FOLDERS = {
    TRAIN: ("train", "training"),
    VALIDATION: ("val", "valid", "validation"),
    TEST: ("test", "testing"),
}
"""The folders that are parts, in any case."""


def read_parts(root: str | Path, layout: str | None = None) -> Parts:
    """List the samples of a data set's parts.

    Args:
        root: its folder.
        layout: a name of `LAYOUTS`; the first that matches if omitted.

    Raises:
        MissingFileError, InputError: see `find_layout`.
    """
    root = Path(root)
    own = _own_layout(root, layout)
    if own is not None and own.parts is not None:
        parts = own.parts(root)
        if not parts.whole:
            return parts
    folders = _part_folders(root, layout)
    if TRAIN in folders:
        train = _read(folders.pop(TRAIN), layout)
    else:  # photos in the folder itself, and perhaps a test set in one below it
        train = _outside(own, root, tuple(folders.values()))
    if train is None and not folders:
        find_layout(root, layout)  # says what is known
        raise InputError(
            f"{root} does not hold layout {layout}. Give the one that it holds: "
            f"{', '.join(LAYOUTS)}."
        )
    return Parts(train, **{part: _read(folder, layout) for part, folder in folders.items()})


def is_data_set(root: str | Path) -> bool:
    """Whether a folder, or a part's folder in it, has a known layout."""
    return _own_layout(Path(root), None) is not None or bool(_part_folders(Path(root), None))


def is_whole(root: str | Path) -> bool:
    """Whether a data set is in one piece."""
    return read_parts(root).whole


def _own_layout(root: Path, name: str | None) -> Layout | None:
    """The layout of a folder itself; None if only folders below it have one."""
    if name is None:
        find_layout(root, "pairs")  # is there such a folder?
        return match_layout(root)
    layout = find_layout(root, name)
    return layout if layout.matches(root) else None


def _outside(layout: Layout | None, root: Path, folders: tuple[Path, ...]) -> Listing | None:
    """What lies in a data set's folder, but not in the folders of its parts; None for nothing."""
    if layout is None:
        return None
    listing = layout.read(root)
    if folders:

        def outside(path: Path) -> bool:
            return not any(folder in path.parents for folder in folders)

        listing = Listing(
            [s for s in listing.sources if outside(getattr(s, "image_path", root))],
            [problem for problem in listing.problems if outside(Path(problem.path))],
            listing.origin,
        )
        if not listing.sources:
            return None
    return _named(listing, root.name)


def _part_folders(root: Path, layout: str | None) -> dict[str, Path]:
    """Part -> its folder, of those with a known layout.

    Raises:
        InputError: two folders for one part.
    """
    found: dict[str, Path] = {}
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        part = next((p for p, names in FOLDERS.items() if folder.name.lower() in names), None)
        if part is None or not _holds_samples(folder, layout):
            continue
        if part in found:
            raise InputError(
                f"A data set has one {part} part. Received: {found[part]} and {folder}. Give one "
                "of them."
            )
        found[part] = folder
    return found


def _holds_samples(folder: Path, layout: str | None) -> bool:
    return _own_layout(folder, layout) is not None


def _read(folder: Path, layout: str | None) -> Listing:
    return _named(find_layout(folder, layout).read(folder), folder.name)


def _named(listing: Listing, origin: str) -> Listing:
    return Listing(listing.sources, listing.problems, listing.origin or origin)
