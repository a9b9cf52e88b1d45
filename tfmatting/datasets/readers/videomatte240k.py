"""VideoMatte240K stored as images: `fgr/CLIP/NAME.jpg` + `pha/CLIP/NAME.jpg`.

The clips have no background. Each one is composited over a drawn scene, which is the same for all
of its frames. `train.py --backgrounds` adds photos.

Source: Lin et al., "Real-Time High-Resolution Background Matting", CVPR 2021.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmatting.datasets.clips import FrameSource, clip_folders, pair_frames
from tfmatting.datasets.sample import Listing, Sample
from tfmatting.datasets.synthesis import draw_background
from tfmatting.imaging.compositing import blend


@dataclass(frozen=True)
class ForegroundFrameSource(FrameSource):
    """The foreground and alpha of a frame, composited over the scene of its clip."""

    def load(self) -> Sample:
        """Read the frame and composite it."""
        sample = super().load()
        generator = np.random.default_rng(zlib.crc32(self.clip.encode()))
        scene = draw_background(sample.alpha.shape, generator)
        image = blend(sample.image, scene, sample.alpha.astype(np.float32) / 255)
        return Sample(sample.identifier, image, sample.alpha, earlier_alpha=sample.earlier_alpha)


def read_videomatte240k(root: Path) -> Listing:
    """List the frames of every clip, in order."""
    sources, problems = [], []
    for name, images, alphas in clip_folders(root / "fgr", root / "pha"):
        found, missing = pair_frames(name, images, alphas)
        sources += [ForegroundFrameSource(**vars(source)) for source in found]
        problems += missing
    return Listing(sources, problems)
