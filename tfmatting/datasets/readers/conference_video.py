"""The conference videos: `original_training/originalV_N.jpg` + `ground_truth_training/gtV_N.jpg`.

V is the number of the video, or empty, and N is the number of the frame. The `_testing` folders
are the part to judge on.

Source: Kuang and Tie, "Flow-based Video Segmentation for Human Head and Shoulders", 2021.
"""

from __future__ import annotations

import re
from pathlib import Path

from tfmatting.datasets.clips import FrameSource
from tfmatting.datasets.matching import by_key
from tfmatting.datasets.sample import Listing, Parts, Problem
from tfmatting.imaging.io import list_images

FRAME = re.compile(r"original(\d*)_(\d+)$")


def read_conference_video(root: Path) -> Listing:
    """List the frames of every training video, in order. The frame after a gap has no prior."""
    return _read(root, "training")


def read_conference_parts(root: Path) -> Parts:
    """List the training videos and, if they are there, the testing videos."""
    testing = (root / "original_testing").is_dir() and (root / "ground_truth_testing").is_dir()
    return Parts(_read(root, "training"), test=_read(root, "testing") if testing else None)


def _read(root: Path, part: str) -> Listing:
    truths, alike, shared = by_key(list_images(root / f"ground_truth_{part}"))
    numbered: list[tuple[str, int, Path]] = []
    problems = list(alike)
    images, alike, _ = by_key(list_images(root / f"original_{part}"))
    problems += alike
    for path in images.values():
        match = FRAME.match(path.stem)
        if match is None:
            problems.append(Problem(str(path), "not named originalV_N"))
        elif f"gt{match[1]}_{match[2]}" not in truths:
            if f"gt{match[1]}_{match[2]}" not in shared:
                problems.append(Problem(str(path), "no alpha"))
        else:
            numbered.append((match[1], int(match[2]), path))
    sources = []
    for video, number, path in sorted(numbered):
        earlier = truths.get(f"gt{video}_{number - 1}")
        truth = truths[f"gt{video}_{number}"]
        sources.append(
            FrameSource(
                f"video{video}_{number}", path, truth, clip=f"video{video}", earlier_path=earlier
            )
        )
    return Listing(sources, problems, origin=f"original_{part}")
