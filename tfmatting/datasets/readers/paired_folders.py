"""Photos in one folder, mattes of the same names in another: the project's own layout and kin.

`image/NAME.*` + `alpha/NAME.*` (+ `trimap/NAME.*`), and `imgs/NAME.*` + `masks/NAME_matte.*`, as
the U-Net code for Carvana has it.
"""

from __future__ import annotations

from pathlib import Path

from tfmatting.datasets.matching import pair, without_suffix
from tfmatting.datasets.sample import Listing
from tfmatting.imaging.io import list_images

IMAGES = ("image", "images", "img", "imgs")
ALPHAS = ("alpha", "alphas", "mask", "masks", "matte", "mattes")
TRIMAPS = ("trimap", "trimaps")


def read_paired_folders(root: Path) -> Listing:
    """List the pairs. Files without a partner, and names that stand for two, become problems.

    A matte has its photo's name, or that with an ending of `matching.SUFFIXES`.
    """
    images, alphas = list_images(_folder(root, IMAGES)), list_images(_folder(root, ALPHAS))
    trimaps = [
        path for name in TRIMAPS if (root / name).is_dir() for path in list_images(root / name)
    ]
    stems = {path.stem for path in images}
    found = pair(images, alphas, trimaps, alpha_key=lambda path: without_suffix(path.stem, stems))
    return Listing(*found)


def is_paired(root: Path) -> bool:
    """Whether a folder has this layout."""
    return all(any((root / name).is_dir() for name in names) for names in (IMAGES, ALPHAS))


def _folder(root: Path, names: tuple[str, ...]) -> Path:
    """The one of several possible folders that there is; the first for an error message."""
    return next((root / name for name in names if (root / name).is_dir()), root / names[0])
