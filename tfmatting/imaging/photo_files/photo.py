"""A photo as it is in its file: pixels in their own colour space, and what goes with them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from tfmatting.imaging.photo_files.colour_profile import ColourProfile


@dataclass(frozen=True)
class Metadata:
    """What a photo's file says besides its pixels, and what a file made from it says again.

    Attributes:
        profile: the colour profile; None for sRGB.
        exif: the EXIF block (date, camera, place), without orientation and thumbnail.
        dpi: horizontal and vertical resolution in dots per inch.
    """

    profile: ColourProfile | None = None
    exif: bytes | None = None
    dpi: tuple[float, float] | None = None

    def without_profile(self) -> Metadata:
        """The same for sRGB or grey pixels."""
        return replace(self, profile=None)


@dataclass(frozen=True)
class Photo:
    """A photo, upright.

    Attributes:
        pixels: uint8 [H, W, 3] in the space of `metadata.profile`.
        opacity: the file's own alpha channel, uint8 [H, W]; None if it is opaque.
        metadata: see `Metadata`.
        notes: what the user should know of how it was read.
    """

    pixels: np.ndarray
    opacity: np.ndarray | None = None
    metadata: Metadata = field(default_factory=Metadata)
    notes: tuple[str, ...] = ()

    @property
    def profile(self) -> ColourProfile | None:
        """The colour profile of the pixels; None for sRGB."""
        return self.metadata.profile

    def over_white(self) -> np.ndarray:
        """The pixels, uint8 [H, W, 3] in their own space, composited over white."""
        if self.opacity is None:
            return self.pixels
        opacity = self.opacity[..., None].astype(np.uint16)
        mixed = (self.pixels * opacity + 255 * (255 - opacity) + 127) // 255
        return mixed.astype(np.uint8)

    def in_srgb(self) -> Photo:
        """The same photo with its colours in sRGB."""
        if self.profile is None:
            return self
        metadata = self.metadata.without_profile()
        return replace(self, pixels=self.profile.to_srgb(self.pixels), metadata=metadata)

    def srgb(self) -> np.ndarray:
        """The photo in sRGB, uint8 [H, W, 3], composited over white."""
        return self.in_srgb().over_white()

    def keep_own_alpha(self, matte: np.ndarray) -> np.ndarray:
        """A matte, float32 [H, W], times the photo's own alpha."""
        return matte if self.opacity is None else matte * (self.opacity / np.float32(255))
