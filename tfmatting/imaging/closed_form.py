"""Soft alpha from a binary mask, by closed-form matting in a band around its edge."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np

from tfmatting.errors import MissingExtraError
from tfmatting.imaging.trimap import to_float, trimap_from_alpha, unknown_region


def import_solver() -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Import pymatting's closed-form matting.

    Raises:
        MissingExtraError: pymatting is not installed.
    """
    try:
        from pymatting import estimate_alpha_cf
    except ImportError as error:
        raise MissingExtraError(
            "--refine closed-form needs pymatting. Run `pip install 'tfmatting[refine]'`."
        ) from error
    return estimate_alpha_cf


def refine_mask(image: np.ndarray, alpha: np.ndarray, width: int) -> np.ndarray:
    """Replace the edge of a mask with the closed-form matte of the photo.

    Args:
        image: uint8 [H, W, 3].
        alpha: uint8 [H, W], a binary mask.
        width: kernel diameter in pixels of the trimap; its unknown band is solved.

    Returns:
        uint8 [H, W]; the mask is unchanged outside the band.

    Raises:
        MissingExtraError: pymatting is not installed.

    Source: Levin, Lischinski and Weiss, "A Closed-Form Solution to Natural Image Matting", PAMI
    2008, as implemented by pymatting. Shen et al., "Deep Automatic Portrait Matting", ECCV 2016,
    apply it to trimaps made from masks in the same way.
    """
    estimate_alpha_cf = import_solver()
    trimap = trimap_from_alpha(alpha, width)
    unknown = unknown_region(trimap)
    if not unknown.any():
        return alpha
    rows, columns = _bounds(unknown, margin=2 * width)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pymatting warns about bands at the image border
        solved = estimate_alpha_cf(image[rows, columns] / 255.0, to_float(trimap[rows, columns]))
    result = alpha.copy()
    band = unknown[rows, columns]
    result[rows, columns][band] = np.clip(solved[band] * 255 + 0.5, 0, 255).astype(np.uint8)
    return result


def _bounds(mask: np.ndarray, margin: int) -> tuple[slice, slice]:
    """Bounding box of a mask plus a margin. The solver's cost grows with the number of pixels."""
    slices = []
    for axis in (1, 0):
        where = np.flatnonzero(mask.any(axis=axis))
        slices.append(slice(max(0, where[0] - margin), where[-1] + 1 + margin))
    return slices[0], slices[1]
