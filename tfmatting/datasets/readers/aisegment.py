"""AISegment's matting_human_datasets: a tree of photos and a parallel tree of cut-outs.

`clip_img/1803151818/clip_00000000/NAME.jpg` belongs to
`matting/1803151818/matting_00000000/NAME.png`, whose alpha is channel 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tfmatting.datasets.matching import pair
from tfmatting.datasets.sample import Listing
from tfmatting.imaging.io import list_images

ALPHA_CHANNEL = 3


def read_aisegment(root: Path) -> Listing:
    """List the pairs. Files without a partner, and names that stand for two, become problems."""
    photos, mattes = root / "clip_img", root / "matting"
    found = pair(
        _visible(photos),
        _visible(mattes),
        image_key=lambda path: _key(path, photos, "clip_"),
        alpha_key=lambda path: _key(path, mattes, "matting_"),
        alpha_channel=ALPHA_CHANNEL,
    )
    return Listing(*found)


def _visible(folder: Path) -> Iterator[Path]:
    """The pictures of a tree. The published archive has resource files of macOS, in folders too."""
    for path in list_images(folder, recursive=True):
        if not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


def _key(path: Path, folder: Path, prefix: str) -> str:
    """A path without the prefix and suffix that differ between the trees."""
    parts = path.relative_to(folder).with_suffix("").parts
    return "/".join(part.removeprefix(prefix) for part in parts)
