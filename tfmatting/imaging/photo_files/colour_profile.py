"""Colour profiles: what the numbers of a photo mean.

The networks, colours and backgrounds are sRGB. Phones write Display P3, cameras Adobe RGB; a
viewer that ignores the profile shows them pale.
"""

from __future__ import annotations

import functools
import io

import numpy as np
from PIL import Image, ImageCms

from tfmatting.errors import InputError

_LATTICE = 17
_INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
_FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION


class ColourProfile:
    """An ICC profile of RGB images, between its space and sRGB.

    Args:
        data: the profile's bytes.

    Raises:
        InputError: not a profile of RGB, grey or CMYK images.
    """

    def __init__(self, data: bytes):
        self.data = data
        self._transforms: dict[bool, ImageCms.ImageCmsTransform] = {}
        try:
            self._profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
            self.space = self._profile.profile.xcolor_space.strip()
        except (OSError, ValueError, ImageCms.PyCMSError) as error:
            raise InputError(f"Not a colour profile: {error}.") from error
        if self.space not in ("RGB", "GRAY", "CMYK"):
            raise InputError(f"A photo's profile is of RGB, grey or CMYK. Received: {self.space}.")

    def __reduce__(self):
        return ColourProfile, (self.data,)

    @functools.cached_property
    def is_srgb(self) -> bool:
        """Whether it maps every colour to itself, within one level."""
        if self.space != "RGB":
            return False
        axis = np.linspace(0, 255, _LATTICE).round().astype(np.uint8)
        lattice = np.stack(np.meshgrid(axis, axis, axis), axis=-1).reshape(1, -1, 3)
        difference = self.to_srgb(lattice).astype(int) - lattice
        return int(np.abs(difference).max()) <= 1

    def to_srgb(self, image: np.ndarray) -> np.ndarray:
        """Convert colours to sRGB.

        Args:
            image: uint8 [H, W, 3]; [H, W] of a grey profile, [H, W, 4] of a CMYK one.

        Returns:
            uint8 [H, W, 3]. Colours outside sRGB move to its border.
        """
        modes = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
        return _apply(image, self._transform(modes[self.space], inverse=False))

    def from_srgb(self, image: np.ndarray) -> np.ndarray:
        """Convert sRGB colours uint8 [H, W, 3] to this space."""
        return _apply(image, self._transform("RGB", inverse=True))

    def _transform(self, mode: str, *, inverse: bool) -> ImageCms.ImageCmsTransform:
        if inverse in self._transforms:
            return self._transforms[inverse]
        profiles = (self._profile, _srgb())
        source, target = profiles[::-1] if inverse else profiles
        try:
            made = ImageCms.buildTransform(source, target, mode, "RGB", _INTENT, _FLAGS)
        except ImageCms.PyCMSError as error:
            raise InputError(f"A colour profile that cannot be used: {error}.") from error
        return self._transforms.setdefault(inverse, made)


def lab_to_srgb(picture: Image.Image) -> np.ndarray:
    """Convert a CIE L*a*b* picture (Pillow's mode LAB, D50) to sRGB uint8 [H, W, 3]."""
    lab = ImageCms.createProfile("LAB")
    transform = ImageCms.buildTransform(lab, _srgb(), "LAB", "RGB", _INTENT)
    converted = ImageCms.applyTransform(picture, transform)
    assert converted is not None  # it is not done in place
    return np.asarray(converted)


@functools.cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _apply(image: np.ndarray, transform: ImageCms.ImageCmsTransform) -> np.ndarray:
    if image.ndim == 3 and image.shape[2] == 4:
        picture = Image.frombytes("CMYK", (image.shape[1], image.shape[0]), image.tobytes())
    else:
        picture = Image.fromarray(np.ascontiguousarray(image))
    converted = ImageCms.applyTransform(picture, transform)
    assert converted is not None  # it is not done in place
    return np.asarray(converted)
