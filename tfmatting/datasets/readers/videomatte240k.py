"""VideoMatte240K as pictures: `fgr/CLIP/NAME.jpg` + `pha/CLIP/NAME.jpg`, composed when loaded.

Its clips are people before nothing. Every clip stands before a scene of its own, drawn and the
same in all of its frames; `train.py --backgrounds` gives it real ones.

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
    """A frame's foreground and alpha, laid over its clip's scene."""

    def load(self) -> Sample:
        """Read and compose."""
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
