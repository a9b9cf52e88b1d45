"""The portraits of Shen et al., ECCV 2016: `NAME.png` beside `NAME_matte.png`.

The published archive has them in `training/` and `testing/`. Subfolders are searched to any depth.
"""

from __future__ import annotations

from pathlib import Path

from tfmatting.datasets.sample import FileSource, Listing, Problem
from tfmatting.imaging.io import IMAGE_SUFFIXES

MATTE = "_matte"


def read_automatic_portrait_matting(root: Path) -> Listing:
    """List the pairs. Photos without a matte and mattes without a photo become problems."""
    files = {
        path.relative_to(root).with_suffix(""): path
        for path in sorted(root.rglob("*"))
        if path.suffix.lower() in IMAGE_SUFFIXES
    }
    sources, problems = [], []
    for key, path in files.items():
        if key.name.endswith(MATTE):
            if key.with_name(key.name.removesuffix(MATTE)) not in files:
                problems.append(Problem(str(path), "no photo"))
            continue
        matte = files.get(key.with_name(key.name + MATTE))
        if matte is None:
            problems.append(Problem(str(path), "no matte"))
        else:
            sources.append(FileSource("_".join(key.parts), path, matte))
    return Listing(sources, problems)
