"""What goes behind the person, as written on the command line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from tfmatting.errors import InputError
from tfmatting.imaging.compositing import blend, blur, blur_background
from tfmatting.imaging.foreground import estimate_foreground
from tfmatting.imaging.io import IMAGE_SUFFIXES, alpha_to_uint8, read_image
from tfmatting.imaging.resize import cover


@dataclass(frozen=True)
class Background:
    """A background for any photo.

    Attributes:
        kind: "transparent", "blur", "colour", "image" or "video".
        picture: uint8 [3] of a colour, [H, W, 3] of an image; unused by the others.
        path: of a video, whose pictures come frame by frame, see `showing`.
        blur_strength: sigma of the blur as part of the longer side.
        halo_free: blur the background alone, see `blur_background`.
    """

    kind: str
    picture: np.ndarray = field(default_factory=lambda: np.zeros((1, 1, 3), np.uint8))
    blur_strength: float = 0.02
    halo_free: bool = True
    path: Path | None = None

    def showing(self, picture: np.ndarray) -> Background:
        """The same background with another picture, uint8 [H, W, 3]."""
        return replace(self, picture=picture)

    @property
    def opaque(self) -> bool:
        """Whether the result has no transparency."""
        return self.kind != "transparent"

    def compose(
        self, image: np.ndarray, alpha: np.ndarray, foreground_method: str = "blur-fusion"
    ) -> np.ndarray:
        """Put the person of a photo before this background.

        Args:
            image: uint8 [H, W, 3].
            alpha: float32 [H, W] in [0, 1].
            foreground_method: see `estimate_foreground`.

        Returns:
            uint8 [H, W, 4] RGBA when transparent, else [H, W, 3].
        """
        foreground = estimate_foreground(image, alpha, foreground_method)
        if self.kind == "transparent":
            return np.dstack([foreground, alpha_to_uint8(alpha)])
        return blend(foreground, self._behind(image, alpha), alpha)

    def _behind(self, image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
        if self.kind == "blur":
            if self.halo_free:
                return blur_background(image, alpha, self.blur_strength)
            return blur(image, self.blur_strength)
        if self.kind == "colour":
            return np.broadcast_to(self.picture, image.shape)
        return cover(self.picture, image.shape[:2])


def parse_background(
    text: str, blur_strength: float = 0.02, halo_free: bool = True, *, moving: bool = False
) -> Background:
    """Read `transparent`, `blur`, `#rrggbb`, the path of a picture, or, if `moving`, of a video.

    Raises:
        ValueError: none of these, or a blur strength outside 0..1.
    """
    if not 0 < blur_strength <= 1:
        raise InputError(
            f"The blur's strength is above 0 and at most 1. Received: {blur_strength}."
        )
    if text in ("transparent", "blur"):
        return Background(text, blur_strength=blur_strength, halo_free=halo_free)
    if re.fullmatch("#[0-9a-fA-F]{6}", text):
        colour = [int(text[start : start + 2], 16) for start in (1, 3, 5)]
        return Background("colour", np.array(colour, np.uint8))
    path = Path(text)
    if moving and path.is_file() and path.suffix.lower() not in IMAGE_SUFFIXES:
        return Background("video", path=path)
    if path.is_file():
        return Background("image", read_image(text))
    videos = ", a video" if moving else ""
    raise InputError(
        f"A background is transparent, blur, #rrggbb{videos} or a picture. Received: {text!r}."
    )
