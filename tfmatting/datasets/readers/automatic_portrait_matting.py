"""Mattes beside their photos: `NAME.png` and `NAME_matte.png`, as in Shen et al., ECCV 2016.

The published archive has them in `training/` and `testing/`; the first is learnt from, the second
judged. Subfolders are searched to any depth.
"""

from __future__ import annotations

from pathlib import Path

from tfmatting.datasets.matching import SUFFIXES, pair, without_suffix
from tfmatting.datasets.sample import Listing
from tfmatting.imaging.io import list_images

MATTE = "_matte"


def read_automatic_portrait_matting(root: Path) -> Listing:
    """List the pairs.

    A file is a matte if it ends in `_matte`, or in another of `matching.SUFFIXES` while the photo
    of the rest of its name is beside it. Photos without a matte, mattes without a photo, and
    names that stand for two files become problems.
    """
    paths = list_images(root, recursive=True)
    keys = {path.with_name(path.stem) for path in paths}

    def is_matte(path: Path) -> bool:
        if path.stem.endswith(MATTE):
            return True
        stem = without_suffix(path.stem)
        return stem != path.stem and path.with_name(stem) in keys

    found = pair(
        (path for path in paths if not is_matte(path)),
        filter(is_matte, paths),
        image_key=lambda path: _key(path, path.stem, root),
        alpha_key=lambda path: _key(path, without_suffix(path.stem), root),
    )
    return Listing(*found)


def has_mattes_beside(root: Path) -> bool:
    """Whether mattes lie beside photos anywhere below a folder."""
    paths = list_images(root, recursive=True)
    photos = {path.with_name(path.stem) for path in paths}
    return any(
        path.stem.endswith(MATTE)
        or (path.stem.endswith(SUFFIXES) and path.with_name(without_suffix(path.stem)) in photos)
        for path in paths
    )


def _key(path: Path, stem: str, root: Path) -> str:
    return path.with_name(stem).relative_to(root).as_posix()
