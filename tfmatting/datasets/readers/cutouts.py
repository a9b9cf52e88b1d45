"""Cut-outs with transparency and backgrounds without people, composited when loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmatting.datasets.sample import Listing, Problem, Sample, check_sample
from tfmatting.imaging.compositing import blend
from tfmatting.imaging.io import list_images, read_image, read_rgba
from tfmatting.imaging.resize import cover

BACKGROUNDS_PER_CUTOUT = 4


@dataclass(frozen=True)
class CompositeSource:
    """A cut-out over a background, which is scaled and cropped to cover it."""

    identifier: str
    cutout_path: Path
    background_path: Path

    def load(self) -> Sample:
        """Composite the cut-out, whose colours are not premultiplied."""
        cutout = read_rgba(self.cutout_path)
        foreground, alpha = cutout[:, :, :3], cutout[:, :, 3]
        background = cover(read_image(self.background_path), alpha.shape)
        image = blend(foreground, background, alpha.astype(np.float32) / 255)
        sample = Sample(self.identifier, image, np.ascontiguousarray(alpha))
        check_sample(sample)
        return sample


def read_cutouts(root: Path) -> Listing:
    """Pair every cut-out with up to `BACKGROUNDS_PER_CUTOUT` backgrounds, used in turn."""
    cutouts, backgrounds = list_images(root / "cutout"), list_images(root / "background")
    if not backgrounds:
        return Listing([], [Problem(str(root / "background"), "no backgrounds")])
    sources = []
    repeats = min(BACKGROUNDS_PER_CUTOUT, len(backgrounds))
    for number, cutout in enumerate(cutouts):
        for repeat in range(repeats):
            background = backgrounds[(number * repeats + repeat) % len(backgrounds)]
            sources.append(
                CompositeSource(f"{cutout.stem}_on_{background.stem}", cutout, background)
            )
    return Listing(sources)
