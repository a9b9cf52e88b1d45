"""What each frame of the output shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmatting.config import Size
from tfmatting.errors import InputError
from tfmatting.imaging.visualization import grey_to_rgb
from tfmatting.video.background import TimedBackground


@dataclass(frozen=True)
class Composition:
    """Makes the output's picture of a frame and its matte.

    Attributes:
        background: what is behind the person.
        alpha: show the matte alone, in grey.
        side_by_side: show the input frame to the left of the result.
    """

    background: TimedBackground
    alpha: bool = False
    side_by_side: bool = False

    @property
    def transparent(self) -> bool:
        """Whether pictures have an alpha channel."""
        return not (self.alpha or self.side_by_side or self.background.opaque)

    def size(self, frame_size: Size) -> Size:
        """Return (height, width) of the picture of a frame."""
        height, width = frame_size
        return height, 2 * width if self.side_by_side else width

    def compose(self, frame: np.ndarray, alpha: np.ndarray, seconds: float) -> np.ndarray:
        """Make one picture.

        Args:
            frame: uint8 [H, W, 3].
            alpha: float32 [H, W] in [0, 1].
            seconds: the frame's time; it must not decrease from call to call.

        Returns:
            uint8 [H, W, 4] if `transparent`, else [H, W, 3]; twice as wide if `side_by_side`.
        """
        if self.alpha:
            result = grey_to_rgb(alpha)
        else:
            result = self.background.at(seconds).compose(frame, alpha)
        if self.side_by_side:
            result = np.concatenate([frame, result[..., :3]], axis=1)
        return result


def check_matte_alone(alpha: bool, background: object) -> None:
    """Refuse a background that would not be seen.

    Raises:
        InputError: `alpha` with a background other than "blur", the default.
    """
    named = isinstance(background, (str, Path))
    if alpha and not (named and str(background) == "blur"):
        shown = background if named else type(background).__name__
        raise InputError(
            "The matte alone has no background. Received: --alpha (alpha=True) with --background "
            f"{shown}. Leave one of them out."
        )
