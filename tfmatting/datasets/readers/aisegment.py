"""AISegment's matting_human_datasets: a tree of photos and a parallel tree of cut-outs.

`clip_img/1803151818/clip_00000000/NAME.jpg` belongs to
`matting/1803151818/matting_00000000/NAME.png`, whose alpha is channel 3.
"""

from __future__ import annotations

from pathlib import Path

from tfmatting.datasets.sample import FileSource, Listing, Problem

ALPHA_CHANNEL = 3


def read_aisegment(root: Path) -> Listing:
    """List the pairs. Files without a partner become problems."""
    images = _by_key(root / "clip_img", ".jpg", "clip_")
    mattes = _by_key(root / "matting", ".png", "matting_")
    sources = [
        FileSource(key.replace("/", "_"), images[key], mattes[key], alpha_channel=ALPHA_CHANNEL)
        for key in sorted(images.keys() & mattes.keys())
    ]
    problems = [
        *(Problem(str(images[key]), "no cut-out") for key in sorted(images.keys() - mattes.keys())),
        *(Problem(str(mattes[key]), "no photo") for key in sorted(mattes.keys() - images.keys())),
    ]
    return Listing(sources, problems)


def _by_key(folder: Path, suffix: str, prefix: str) -> dict[str, Path]:
    """Map paths, without the prefix and suffix that differ between the trees, to files.

    Names with a leading dot are skipped: the published archive contains resource files of macOS.
    """
    files = {}
    for path in sorted(folder.rglob(f"*{suffix}")):
        parts = path.relative_to(folder).with_suffix("").parts
        if not any(part.startswith(".") for part in parts):
            files["/".join(part.removeprefix(prefix) for part in parts)] = path
    return files
