"""Clips stored as images: `frames/[CLIP/]NAME.*` + `alpha/[CLIP/]NAME.*`."""

from __future__ import annotations

from pathlib import Path

from tfmatting.datasets.clips import clip_folders, pair_frames
from tfmatting.datasets.sample import Listing


def read_frames(root: Path) -> Listing:
    """List the frames of every clip, in order."""
    sources, problems = [], []
    for name, images, alphas in clip_folders(root / "frames", root / "alpha"):
        found, missing = pair_frames(name, images, alphas)
        sources += found
        problems += missing
    return Listing(sources, problems)
