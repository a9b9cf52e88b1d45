"""A small network for easy scenes of a video, and the whole network for all others.

MODNet's low-resolution branch alone gives the person's shape at a fraction of the work. In a scene
that stands still, and where the whole network adds little to it, it is enough.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from tfmatting.errors import InputError
from tfmatting.inference.predictor import Predictor, Stream

BLOCK = 32
"""Side in pixels of the blocks in which motion is looked for; a block averages out noise."""


@dataclass(frozen=True)
class EasyScene:
    """When a frame counts as easy.

    The whole network takes the first frame of a scene, and the small one beside it. Where the two
    agree, the small one goes on alone for as long as the picture stays near that frame.

    Attributes:
        motion: largest mean difference of a block of `BLOCK`x`BLOCK` pixels from the scene's first
            frame, in grey levels of 255.
        disagreement: largest mean absolute difference of the two networks' alpha, in [0, 1].
        frames: how long a scene may last until it is looked at again, at least 1.

    Raises:
        InputError: a value out of range.
    """

    motion: float = 12.0
    disagreement: float = 0.02
    frames: int = 25

    def __post_init__(self):
        if self.motion < 0 or not 0 <= self.disagreement <= 1 or self.frames < 1:
            raise InputError(
                "An easy scene has motion from 0, disagreement from 0 to 1 and at least 1 frame. "
                f"Received: {self}."
            )


class SwitchingPredictor(Predictor):
    """A predictor whose videos use a small network in easy scenes.

    It takes the place of any `Predictor`; photos see the whole network alone.

    Args:
        whole: the network for hard scenes, and for photos.
        small: the network for easy scenes, of the same input size: MODNet's low-resolution branch
            (`export --low-resolution`, or recipe `low_resolution`).
        easy: when a frame counts as easy.

    Raises:
        InputError: the networks differ in input size, or in keeping a photo's proportions.
    """

    def __init__(self, whole: Predictor, small: Predictor, easy: EasyScene | None = None):
        super().__init__(whole.runtime, refine=whole.refine, widest=whole.widest)
        shapes = [
            (each.input_size, bool(getattr(each.runtime, "letterbox", False)))
            for each in (whole, small)
        ]
        if shapes[0] != shapes[1]:
            raise InputError(
                "The two networks of a switch take frames in the same form. Received: "
                + " and ".join(f"{size[0]}x{size[1]}, bars: {bars}" for size, bars in shapes)
                + ". Export both from the same checkpoint."
            )
        self.small = small
        self.easy = easy or EasyScene()

    def stream(self) -> SwitchingStream:
        """Start a video."""
        return SwitchingStream(self)


class SwitchingStream(Stream):
    """The frames of one video; `SwitchingPredictor.stream` makes one.

    Attributes:
        frames: the number of frames so far.
        easy_frames: how many of them only the small network saw.
    """

    def __init__(self, predictor: SwitchingPredictor):
        super().__init__(predictor)
        self._switch = predictor
        self._first: np.ndarray | None = None
        self._age = 0
        self._agreed = False
        self.frames = self.easy_frames = 0

    def _network_alpha(self, small: np.ndarray) -> np.ndarray:
        self.frames += 1
        self._age += 1
        continues = self._age < self._switch.easy.frames and self._near_first(small)
        if continues and self._agreed:
            self.easy_frames += 1
            return self._switch.small.small_alpha(small, self._prior)
        alpha = super()._network_alpha(small)
        if not continues:
            rough = self._switch.small.small_alpha(small, self._prior)
            disagreement = float(np.abs(alpha - rough).mean())
            self._first, self._age = small, 0
            self._agreed = disagreement <= self._switch.easy.disagreement
        return alpha

    def _near_first(self, small: np.ndarray) -> bool:
        first = self._first
        if first is None or first.shape != small.shape:
            return False
        return largest_motion(first, small) <= self._switch.easy.motion


def largest_motion(before: np.ndarray, after: np.ndarray) -> float:
    """The mean absolute difference of the block that differs most.

    Args:
        before, after: uint8 [H, W, 3].

    Returns:
        Grey levels, 0 to 255.
    """
    height, width = before.shape[:2]
    grid = max(1, width // BLOCK), max(1, height // BLOCK)
    change = cv2.absdiff(before, after).astype(np.float32).mean(axis=-1)
    return float(cv2.resize(change, grid, interpolation=cv2.INTER_AREA).max())
