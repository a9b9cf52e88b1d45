"""PASCAL VOC's segmentation: photos, maps of class numbers, and lists of names.

`JPEGImages/NAME.jpg` + `SegmentationClass/NAME.png`, in the parts that
`ImageSets/Segmentation/train.txt`, `val.txt` and `test.txt` name. Numbers are the indices of the
palette; 255, around every outline, is left out by losses and metrics.

Source: Everingham et al., "The PASCAL Visual Object Classes Challenge", IJCV 2010.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from tfmatting.datasets.matching import by_key
from tfmatting.datasets.sample import FileSource, Listing, Parts, Problem
from tfmatting.documents import read_text
from tfmatting.imaging.class_maps import read_class_map
from tfmatting.imaging.io import ImageError, list_images

PERSON = 15
"""The person's number of VOC's 21."""
HIGHEST = 20
"""Of VOC's numbers."""
LOOKED_AT = 32
"""So many maps, spread over the data set, tell whether it has two classes or VOC's."""


def read_voc(root: Path) -> Listing:
    """List every photo that has a map of class numbers."""
    maps, alike, _ = by_key(list_images(root / "SegmentationClass"))
    listing = _list(root, sorted(maps), "SegmentationClass")
    return Listing(listing.sources, [*alike, *listing.problems], listing.origin)


def read_voc_parts(root: Path) -> Parts:
    """List the photos of each part; all of them, if there are no lists of names."""
    names = {
        part: _names(root / "ImageSets" / "Segmentation" / f"{part}.txt")
        for part in ("train", "val", "trainval", "test")
    }
    training = names["train"] if names["train"] is not None else names["trainval"]
    if training is None:
        return Parts(read_voc(root))

    def listing(part: str, found: list[str] | None) -> Listing | None:
        return None if found is None else _list(root, found, f"{part}.txt")

    parts = (names["val"], names["test"])
    validation, test = (
        listing(part, found) for part, found in zip(("val", "test"), parts, strict=True)
    )
    # the published test list names photos whose maps are not published
    if test is not None and not test.sources:
        test = None
    train = "train" if names["train"] is not None else "trainval"
    return Parts(listing(train, training), validation, test)


def only_people(listing: Listing) -> Listing:
    """Leave out photos whose map of class numbers has no person in it: most of VOC's have none."""
    sources = [source for source in listing.sources if isinstance(source, FileSource)]
    numbered = [source for source in sources if source.person is not None]
    if not numbered:
        return listing

    def empty(source: FileSource) -> bool:
        try:
            return not source.has_person()
        except (ValueError, OSError):
            return False  # the check of the samples names what is broken

    with ThreadPoolExecutor() as pool:
        nobody = {
            s.identifier for s, out in zip(numbered, pool.map(empty, numbered), strict=True) if out
        }
    kept = [source for source in listing.sources if source.identifier not in nobody]
    if not kept:
        return listing
    left_out = len(listing.sources) - len(kept)
    origin = f"{listing.origin}, {left_out} photos without a person left out"
    return Listing(kept, listing.problems, origin if left_out else listing.origin)


def _names(path: Path) -> list[str] | None:
    if not path.is_file():
        return None
    lines = read_text(path).splitlines()
    return [line.split()[0] for line in lines if line.strip()]


def _list(root: Path, names: list[str], origin: str) -> Listing:
    photos, alike, _ = by_key(list_images(root / "JPEGImages"))
    maps, more, _ = by_key(list_images(root / "SegmentationClass"))
    wanted = set(names)
    problems = [problem for problem in (*alike, *more) if Path(problem.path).stem in wanted]
    doubled = {Path(problem.path).stem for problem in problems}
    sources = []
    person = _person([maps[name] for name in sorted(maps)])
    for name in dict.fromkeys(names):
        if name in photos and name in maps:
            sources.append(FileSource(name, photos[name], maps[name], person=person))
        elif name not in doubled:
            reason = "no photo" if name not in photos else "no map of classes"
            problems.append(Problem(f"{origin}: {name}", reason))
    return Listing(sources, problems, origin)


def _person(maps: list[Path]) -> int:
    """The person's number: 1 in a set of two classes in this layout, else VOC's 15."""
    places = np.unique(np.linspace(0, len(maps) - 1, min(LOOKED_AT, len(maps))).round().astype(int))
    highest = 0
    for place in places:
        try:
            numbers = read_class_map(maps[place])
        except (ImageError, OSError):
            continue
        stated = numbers[numbers <= HIGHEST]  # higher ones state no class
        highest = max(highest, int(stated.max()) if stated.size else 0)
    return 1 if highest == 1 else PERSON
