"""The project's own layout: `image/NAME.*` + `alpha/NAME.*` (+ `trimap/NAME.*`)."""

from __future__ import annotations

from pathlib import Path

from tfmatting.datasets.sample import FileSource, Listing, Problem
from tfmatting.imaging.io import list_images


def read_paired_folders(root: Path) -> Listing:
    """List the pairs. Files without a partner become problems."""
    images = _by_stem(root / "image")
    alphas = _by_stem(root / "alpha")
    trimaps = _by_stem(root / "trimap") if (root / "trimap").is_dir() else {}
    sources = [
        FileSource(stem, images[stem], alphas[stem], trimaps.get(stem))
        for stem in sorted(images.keys() & alphas.keys())
    ]
    problems = [
        *(Problem(str(images[stem]), "no alpha") for stem in sorted(images.keys() - alphas.keys())),
        *(Problem(str(alphas[stem]), "no image") for stem in sorted(alphas.keys() - images.keys())),
    ]
    return Listing(sources, problems)


def _by_stem(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in list_images(folder)}
