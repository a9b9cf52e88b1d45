"""Upsampling a matte to the size of its photo."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from tfmatting.config import Size
from tfmatting.imaging.resize import resize
from tfmatting.imaging.tiles import (
    CLEAR,
    MIXED,
    OPAQUE,
    for_each,
    row_strips,
    with_margin,
)

FITTED_AT_ONCE = 32768
"""Pixels of the matte; in float64 an array of them takes 256 KB."""
SIDE = 32
"""Rows and columns of a block of the photo that is looked at for colours that have a say."""
LARGEST_PRODUCT = 2**18
"""Multiplications of a product of matrices that OpenBLAS still computes in the calling thread."""
DEAD = 0.02
"""Alpha of a film that is taken for 0, and 1 - alpha that is taken for 1."""


@dataclass(frozen=True)
class EdgeFit:
    """How the guided filter fits a matte to its photo.

    Both `epsilon` and the averaging over windows flatten the edges; `contrast` steepens them again.

    Attributes:
        radius: of the windows, in pixels of the matte.
        epsilon: regularisation, as a colour variance of images in [0, 1]. Larger is smoother.
        contrast: factor on alpha's distance from `middle`; 1 gives the filter of the papers.
        middle: the alpha that becomes 0.5.
    """

    radius: int = 2
    epsilon: float = 1e-4
    contrast: float = 1.0
    middle: float = 0.5


PUBLISHED_FIT = EdgeFit()
PHOTO_FIT = EdgeFit(radius=4, epsilon=3e-4, contrast=2.0, middle=0.55)
"""What fits photos best, with every network that was tried; see docs/portrait.md. In a film,
steeper edges flicker more: at a contrast of 1.25, dtSSD is higher by a seventh."""


def guided_upsample(
    alpha: np.ndarray,
    image: np.ndarray,
    *,
    guide: np.ndarray | None = None,
    fit: EdgeFit = PUBLISHED_FIT,
    settled: bool = False,
) -> np.ndarray:
    """Upsample a matte with the photo as the guide (guided filter).

    Within a small window, alpha is modelled as a linear function of the colour,
    alpha = a . I + b. The model is fitted at the matte's size, upsampled, and applied to the
    photo at full size.

    Args:
        alpha: float32 [h, w] in [0, 1].
        image: uint8 [H, W, 3], the photo.
        guide: uint8 [h, w, 3], the photo at the matte's size. Resized here if omitted.
        fit: the windows, and how steep edges become.
        settled: settle the ends, as `settle_ends` does.

    Returns:
        float32 [H, W] in [0, 1].

    Source: He, Sun and Tang, "Guided Image Filtering", PAMI 2013, eq. 19-21 (colour guide), in
    the subsampled form of He and Sun, "Fast Guided Filter", 2015.
    """
    if guide is None:
        guide = resize(image, (alpha.shape[0], alpha.shape[1]))
    slope, offset = _linear_model(guide, alpha, fit.radius, fit.epsilon)
    slope *= fit.contrast
    offset = fit.contrast * (offset - fit.middle) + 0.5
    return _apply(slope, offset, image, settled)


def upsample(
    alpha: np.ndarray,
    image: np.ndarray,
    small: np.ndarray,
    *,
    fit: EdgeFit | None,
    settled: bool = False,
) -> np.ndarray:
    """Bring a network's matte to the size of its photo.

    Args:
        alpha: float32 [h, w] in [0, 1].
        image: uint8 [H, W, 3], the photo.
        small: uint8 [n, m, 3], the photo as the network saw it.
        fit: how the guided filter enlarges; without it, and for smaller photos, `enlarge` does.
        settled: settle the ends, as `settle_ends` does.

    Returns:
        float32 [H, W] in [0, 1].
    """
    larger = image.shape[0] > alpha.shape[0] or image.shape[1] > alpha.shape[1]
    if fit is not None and larger:
        guide = small if small.shape[:2] == alpha.shape else None
        return guided_upsample(alpha, image, guide=guide, fit=fit, settled=settled)
    enlarged = enlarge(alpha, (image.shape[0], image.shape[1]))
    return settle_ends(enlarged) if settled else enlarged


def _apply(slope: np.ndarray, offset: np.ndarray, image: np.ndarray, settled: bool) -> np.ndarray:
    """Enlarge the model and apply it to the photo, where the colours have a say in the result.

    The model is enlarged across first, as a whole, then downwards a strip at a time. Together it is
    OpenCV's bilinear enlargement.
    """
    height, width = image.shape[:2]
    refined = np.empty((height, width), np.float32)
    kinds = _foreseen(slope, offset, DEAD if settled else 0.0, (height, width))
    wide = np.empty((4, len(offset), width), np.float32)
    for plane, target in zip((*cv2.split(slope / np.float32(255)), offset), wide, strict=True):
        cv2.resize(plane, (width, len(plane)), target, interpolation=cv2.INTER_LINEAR)

    def refine(row: int) -> None:
        rows = slice(row * SIDE, min((row + 1) * SIDE, height))
        refined[rows] = np.repeat(kinds[row] == OPAQUE, SIDE)[:width]
        mixed = np.flatnonzero(kinds[row] == MIXED)
        if not len(mixed):
            return
        cells, weights = _rows_between(rows, len(offset), height)
        last = min((mixed[-1] + 1) * SIDE, width)
        widest = LARGEST_PRODUCT // weights.size
        for start in range(mixed[0] * SIDE, last, widest):
            tile = rows, slice(start, min(start + widest, last))
            *factors, alpha = weights @ wide[:, cells, tile[1]]
            for factor, channel in zip(factors, cv2.split(image[tile]), strict=True):
                factor *= channel
                alpha += factor
            np.clip(settle_ends(alpha) if settled else alpha, 0.0, 1.0, out=refined[tile])

    for_each(refine, range(len(kinds)))
    return refined


def _rows_between(rows: slice, cells: int, height: int) -> tuple[slice, np.ndarray]:
    """How rows of a photo follow from the rows of the matte, bilinearly.

    Args:
        rows: of the photo.
        cells: rows of the matte.
        height: of the photo.

    Returns:
        The matte's rows that count, and their weights, float32 [rows of the photo, those].
    """
    places = (np.arange(rows.start, rows.stop) + 0.5) * (cells / height) - 0.5
    above = np.floor(places).astype(int)
    first, last = np.clip((above[0], above[-1] + 1), 0, cells - 1)
    weights = np.zeros((len(places), last + 1 - first), np.float32)
    for step, share in ((0, 1 - (places - above)), (1, places - above)):
        weights[np.arange(len(places)), np.clip(above + step, 0, cells - 1) - first] += share
    return slice(first, last + 1), weights


def _foreseen(slope: np.ndarray, offset: np.ndarray, dead: float, size: Size) -> np.ndarray:
    """What each block of `SIDE` pixels of a photo becomes, if any colours give the same.

    Args:
        slope: [h, w, 3], for colours in [0, 1].
        offset: [h, w].
        dead: alpha up to here becomes 0, and from 1 - `dead` on 1.
        size: (height, width) of the photo.

    Returns:
        `CLEAR`, `OPAQUE` or `MIXED` for every block, [rows, columns].
    """
    highest, lowest = offset.copy(), offset.copy()
    for channel in cv2.split(slope):
        highest += np.maximum(channel, 0)
        lowest += np.minimum(channel, 0)
    # enlarged, a block mixes its own cells and those next to its first and last
    around = np.ones((5, 5), np.uint8)
    highest, lowest = cv2.dilate(highest, around), cv2.erode(lowest, around)
    for axis, side in enumerate(size):
        starts = np.arange(0, side, SIDE) * offset.shape[axis] // side
        highest = np.maximum.reduceat(highest, starts, axis=axis)
        lowest = np.minimum.reduceat(lowest, starts, axis=axis)
    kinds = np.full(highest.shape, MIXED)
    kinds[highest <= dead] = CLEAR
    kinds[lowest >= 1 - dead] = OPAQUE
    return kinds


def settle_ends(alpha: np.ndarray, dead: float = DEAD, end: float = 0.1) -> np.ndarray:
    """Take the haze out of a matte's two ends, and leave the soft edges between them alone.

    Alpha below `dead` becomes 0; from there a steeper line meets the unchanged alpha at `end`.
    The other end is treated alike. For video: over whole mattes, contrast raises the flicker.

    Args:
        alpha: float32 in [0, 1].
        dead: alpha that is taken for 0, and 1 - alpha that is taken for 1.
        end: where the unchanged range begins.

    Returns:
        float32 of the same shape.
    """
    slope = end / (end - dead)
    steep = slope * alpha
    settled = np.minimum(alpha, steep - slope * dead)
    steep += 1 - slope * (1 - dead)
    np.maximum(settled, steep, out=settled)
    return np.clip(settled, 0.0, 1.0, out=settled)


def _linear_model(guide, alpha, radius, epsilon):
    """Fit slope [h, w, 3] and offset [h, w] of alpha over the colour, averaged over windows.

    A few rows at a time: two dozen arrays in between, half of them in float64, would not fit into
    a processor's cache, and the first photo of a process would wait for their pages.
    """
    slope, offset = np.empty(guide.shape, np.float32), np.empty(alpha.shape, np.float32)
    columns = slice(0, alpha.shape[1])
    for rows in row_strips(alpha.shape, FITTED_AT_ONCE):
        (outer, _), (inner, _) = with_margin((rows, columns), 2 * radius, alpha.shape)
        pixels = guide[outer].astype(np.float32) / 255
        parts = _fit(pixels, alpha[outer].astype(np.float32), radius, epsilon)
        slope[rows], offset[rows] = (part[inner] for part in parts)
    return slope, offset


def _fit(guide, alpha, radius, epsilon):
    """Fit the model of a strip; what lies within 2 radii of a cut is wrong."""
    window = (2 * radius + 1, 2 * radius + 1)

    def mean(values):
        return cv2.blur(values, window, borderType=cv2.BORDER_REFLECT)

    mean_guide, mean_alpha = mean(guide), mean(alpha)
    red, green, blue = cv2.split(guide)
    products = cv2.merge([red * red, green * green, blue * blue])
    mixed = cv2.merge([red * green, red * blue, green * blue])
    variances = mean(products) - mean_guide * mean_guide + np.float32(epsilon)
    red, green, blue = cv2.split(mean_guide)
    covariances = mean(mixed) - cv2.merge([red * green, red * blue, green * blue])
    thrice, mean_thrice = cv2.merge([alpha] * 3), cv2.merge([mean_alpha] * 3)
    correlation = mean(guide * thrice) - mean_guide * mean_thrice
    slope = _solve_symmetric(variances, covariances, correlation)
    offset = mean_alpha - np.einsum("hwc,hwc->hw", slope, mean_guide)
    return mean(slope), mean(offset)


def _solve_symmetric(diagonal, off_diagonal, right):
    """Solve A x = right for every pixel, with A symmetric 3x3, by the adjugate matrix.

    Calling LAPACK's solver for each pixel would take as long as the network.

    Args:
        diagonal: [h, w, 3], the entries 00, 11, 22 of A.
        off_diagonal: [h, w, 3], the entries 01, 02, 12 of A.
        right: [h, w, 3].
    """
    a, d, f = cv2.split(diagonal.astype(np.float64))  # float64: differences of similar products
    b, c, e = cv2.split(off_diagonal.astype(np.float64))
    x, y, z = cv2.split(right.astype(np.float64))
    first, second, third = d * f - e * e, c * e - b * f, b * e - c * d
    fourth, fifth, sixth = a * f - c * c, b * c - a * e, a * d - b * b
    determinant = a * first + b * second + c * third
    solution = (
        first * x + second * y + third * z,
        second * x + fourth * y + fifth * z,
        third * x + fifth * y + sixth * z,
    )
    return cv2.merge([part / determinant for part in solution]).astype(np.float32)


def enlarge(alpha: np.ndarray, size: Size) -> np.ndarray:
    """Resize a matte to (height, width) without the photo: bicubic, or area averaging."""
    height, width = size
    if alpha.shape == (height, width):
        return alpha
    shrinks = alpha.shape[0] >= height and alpha.shape[1] >= width
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.clip(cv2.resize(alpha, (width, height), interpolation=interpolation), 0.0, 1.0)
