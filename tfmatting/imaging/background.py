"""Backgrounds: what is shown behind the person.

There is one class for each kind. To add a kind, subclass `OpaqueBackground` and implement
`behind`. Kinds that change from frame to frame live in `tfmatting.video`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import ImageColor

from tfmatting.errors import InputError
from tfmatting.imaging.checks import check_image
from tfmatting.imaging.compositing import blend, blur, blur_background, repeated_blur
from tfmatting.imaging.foreground import estimate_foreground
from tfmatting.imaging.io import alpha_to_uint8, read_image
from tfmatting.imaging.photo_files.colour_profile import ColourProfile
from tfmatting.imaging.resize import cover


class Background(Protocol):
    """A background for images of any size."""

    @property
    def opaque(self) -> bool:
        """Whether composites have no alpha channel."""
        ...

    def compose(
        self, image: np.ndarray, alpha: np.ndarray, foreground_method: str = "blur-fusion"
    ) -> np.ndarray:
        """Composite the person in an image over this background.

        Args:
            image: uint8 [H, W, 3].
            alpha: float32 [H, W] in [0, 1].
            foreground_method: see `estimate_foreground`.

        Returns:
            uint8 [H, W, 3] if opaque, else RGBA uint8 [H, W, 4].
        """
        ...

    def in_space(self, profile: ColourProfile) -> Background:
        """The same background for images of this colour profile; it is made for sRGB."""
        ...


class OpaqueBackground(ABC):
    """Base class of backgrounds that fill the whole image."""

    opaque = True

    def in_space(self, profile: ColourProfile) -> Background:
        """See `Background.in_space`; right for what is made of the image itself."""
        return self

    @abstractmethod
    def behind(self, image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
        """Return the background for one image, uint8 [H, W, 3]."""

    def compose(
        self, image: np.ndarray, alpha: np.ndarray, foreground_method: str = "blur-fusion"
    ) -> np.ndarray:
        """Composite over `behind`; see `Background.compose`."""
        colours = np.empty(image.shape, np.uint8)
        estimate_foreground(image, alpha, foreground_method, colours)
        return blend(colours, self.behind(image, alpha), alpha, out=colours)


@dataclass(frozen=True)
class Transparent:
    """No background: the composite is an RGBA cut-out, not premultiplied."""

    opaque = False

    def in_space(self, profile: ColourProfile) -> Background:
        """No colours to convert; see `Background.in_space`."""
        return self

    def compose(
        self, image: np.ndarray, alpha: np.ndarray, foreground_method: str = "blur-fusion"
    ) -> np.ndarray:
        """Stack the foreground colours and alpha; see `Background.compose`."""
        rgba = np.empty((*alpha.shape, 4), np.uint8)
        estimate_foreground(image, alpha, foreground_method, out=rgba[..., :3])
        rgba[..., 3] = alpha_to_uint8(alpha)
        return rgba


@dataclass(frozen=True)
class Blur(OpaqueBackground):
    """The image's own background, blurred.

    Attributes:
        strength: sigma of the Gaussian, as a fraction of the longer side.
        halo_free: keep the person's colours out of the blur; see `blur_background`.
    """

    strength: float = 0.02
    halo_free: bool = True

    def __post_init__(self):
        if not (isinstance(self.strength, Real) and 0 < self.strength <= 1):
            raise InputError(
                f"The blur's strength is above 0 and at most 1. Received: {self.strength!r}."
            )

    def behind(self, image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
        if self.halo_free:
            return blur_background(image, alpha, self.strength)
        return blur(image, self.strength)


@dataclass(frozen=True)
class OriginalBlur(OpaqueBackground):
    """The blur of the original T-Net code over the whole photo, the person included."""

    def behind(self, image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
        return repeated_blur(image)

    def compose(
        self, image: np.ndarray, alpha: np.ndarray, foreground_method: str = "blur-fusion"
    ) -> np.ndarray:
        """Mix the photo and its blur, without estimated colours; see `Background.compose`."""
        return blend(image, self.behind(image, alpha), alpha)


@dataclass(frozen=True)
class Colour(OpaqueBackground):
    """A plain colour, given as (red, green, blue), each 0 to 255."""

    rgb: tuple[int, int, int]

    def in_space(self, profile: ColourProfile) -> Colour:
        red, green, blue = profile.from_srgb(np.array([[self.rgb]], np.uint8))[0, 0]
        return Colour((int(red), int(green), int(blue)))

    def behind(self, image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
        return np.broadcast_to(np.array(self.rgb, np.uint8), image.shape)


@dataclass(frozen=True)
class Picture(OpaqueBackground):
    """An image, uint8 [h, w, 3], scaled and cropped to cover the photo."""

    pixels: np.ndarray

    def __post_init__(self):
        check_image(self.pixels)

    def in_space(self, profile: ColourProfile) -> Picture:
        return Picture(profile.from_srgb(self.pixels))

    def behind(self, image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
        return cover(self.pixels, image.shape[:2])


def parse_background(
    text: str,
    blur_strength: float = 0.02,
    halo_free: bool = True,
    *,
    moving: bool = False,
) -> Background:
    """Make the background that a text describes.

    Args:
        text: `transparent`, `blur`, `blur-original` (see `OriginalBlur`), a colour as in CSS
            (`#rrggbb`, `#fff`, `white`), or the path of an image.
        blur_strength: see `Blur`.
        halo_free: see `Blur`.
        moving: the caller opens videos itself, so the error message names them too.

    Raises:
        InputError: the text describes no background, or the blur strength is outside 0..1.
        ImageError: an image file that cannot be read.
    """
    blurred = Blur(blur_strength, halo_free)  # checks the strength for every kind
    if text == "transparent":
        return Transparent()
    if text == "blur":
        return blurred
    if text == "blur-original":
        return OriginalBlur()
    if (colour := _parse_colour(text)) is not None:
        return colour
    path = Path(text)
    if path.is_file():
        return Picture(read_image(path))
    videos = ", a video" if moving else ""
    raise InputError(
        f"A background is transparent, blur, blur-original, a colour (#rrggbb or white){videos} or "
        f"a picture. Received: {text!r}."
    )


def _parse_colour(text: str) -> Colour | None:
    """A CSS colour; None if it is not one."""
    try:
        rgb = ImageColor.getrgb(text)
    except ValueError:
        return None
    if len(rgb) == 4:
        raise InputError(f"A background's colour is opaque. Received: {text}. Use #rrggbb.")
    return Colour(rgb)


def as_background(
    value: str | Path | np.ndarray | Background,
    blur_strength: float = 0.02,
    halo_free: bool = True,
) -> Background:
    """Make a background from any form that the library takes.

    Args:
        value: a text as for `parse_background`, the path of an image, an image uint8 [h, w, 3],
            or a finished background, which is returned unchanged.
        blur_strength: see `Blur`.
        halo_free: see `Blur`.

    Raises:
        InputError, InputTypeError, ImageError: see `parse_background` and `Picture`.
    """
    if isinstance(value, str | Path):
        return parse_background(str(value), blur_strength, halo_free)
    if hasattr(value, "compose"):
        return value  # type: ignore[return-value]
    return Picture(value)  # type: ignore[arg-type]
