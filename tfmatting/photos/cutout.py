"""One photo in, one image out: `cutout` and `replace_background`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tfmatting.errors import InputError
from tfmatting.imaging.checks import check_image
from tfmatting.imaging.io import read_photo
from tfmatting.imaging.photo_files.photo import Photo
from tfmatting.inference.loading import OF_PHOTOS
from tfmatting.photos.processor import PhotoProcessor
from tfmatting.photos.settings import BackgroundLike, MatteSettings, ModelLike

PhotoLike = str | Path | np.ndarray


def cutout(
    photo: PhotoLike,
    *,
    model: ModelLike = OF_PHOTOS,
    threshold: float | None = None,
    foreground: str = "blur-fusion",
    refine: bool = True,
    threads: int | None = None,
) -> np.ndarray:
    """Cut the people out of a photo.

    Args:
        photo: an image file, or uint8 RGB [H, W, 3] of any size.
        model: a pretrained model's name, a model file, or a loaded `Predictor`. Load a
            `Predictor` once if you have many photos.
        threshold: makes a binary mask: opaque where alpha is at least the threshold. Between 0
            and 1, exclusive; None keeps the soft edge.
        foreground: how the colours of semi-transparent pixels are estimated: "blur-fusion",
            "multilevel" (needs the extra `refine`), or "off" for the colours of the photo.
        refine: make the matte follow the edges of the photo (guided filter).
        threads: processor threads of the network; all if None.

    Returns:
        uint8 RGBA [H, W, 4], sRGB, not premultiplied. What an image file leaves transparent
        stays so.

    Raises:
        MissingFileError: the photo or the model does not exist.
        ImageError: the photo cannot be read.
        InputTypeError: an array that is not uint8.
        InputError: an array of another shape, a file that is not a model, or an option out of
            range.
        MissingExtraError: an optional package is missing.

    Example:
        >>> import tfmatting
        >>> from skimage.data import astronaut
        >>> image = tfmatting.cutout(astronaut())
        >>> image.shape, image.dtype
        ((512, 512, 4), dtype('uint8'))
        >>> bool(image[130, 220, 3] > 230), bool(image[30, 450, 3] < 25)  # her face, and the wall
        (True, True)
    """
    settings = MatteSettings(
        model, threshold=threshold, foreground=foreground, refine=refine, threads=threads
    )
    return PhotoProcessor(settings).render(_as_photo(photo))


def replace_background(
    photo: PhotoLike,
    background: BackgroundLike,
    *,
    model: ModelLike = OF_PHOTOS,
    threshold: float | None = None,
    foreground: str = "blur-fusion",
    blur_strength: float = 0.02,
    halo_free: bool = True,
    refine: bool = True,
    threads: int | None = None,
) -> np.ndarray:
    """Put another background behind the people in a photo.

    Args:
        photo: an image file, or uint8 RGB [H, W, 3] of any size.
        background: "blur" for the photo's own background, blurred; "#rrggbb", "#fff" or
            "white" for a colour; an
            image file or uint8 RGB [h, w, 3], which is scaled and cropped to cover the photo; or
            a `Background`.
        model: see `cutout`.
        threshold: see `cutout`.
        foreground: see `cutout`.
        blur_strength: sigma of the blur, as a fraction of the photo's longer side (0.02 = 2 %).
        halo_free: keep the person's colours out of the blur.
        refine: see `cutout`.
        threads: see `cutout`.

    Returns:
        uint8 RGB [H, W, 3].

    Raises:
        InputError: a background that is transparent or that does not exist.
        MissingFileError, ImageError, InputTypeError, InputError, MissingExtraError: see `cutout`.

    Example:
        >>> import tfmatting
        >>> from skimage.data import astronaut
        >>> image = tfmatting.replace_background(astronaut(), "#204080")
        >>> image.shape, image[30, 450].tolist()
        ((512, 512, 3), [32, 64, 128])
        >>> blurred = tfmatting.replace_background(astronaut(), "blur", blur_strength=0.05)
    """
    settings = MatteSettings(
        model,
        background,
        threshold=threshold,
        foreground=foreground,
        blur_strength=blur_strength,
        halo_free=halo_free,
        refine=refine,
        threads=threads,
    )
    behind = settings.open_background()
    if not behind.opaque:
        raise InputError(
            "A background that replaces another is opaque. Received: transparent. "
            "Use tfmatting.cutout."
        )
    return PhotoProcessor(settings, behind).render(_as_photo(photo))


def _as_photo(photo: PhotoLike) -> Photo:
    """The photo in sRGB, as arrays are."""
    if not isinstance(photo, str | Path):
        check_image(photo)
        return Photo(photo)
    return read_photo(photo).in_srgb()
