"""Work on large photos a tile at a time, so that memory does not grow with them."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from tfmatting.config import Size

TILE = 256
"""Rows and columns of a tile, about: three channels in float32 are 0.8 MB, which caches hold."""
Tile = tuple[slice, slice]
"""Rows and columns."""


def tiles(size: Size, multiple: int = 1) -> Iterator[Tile]:
    """Cut an image into tiles.

    Args:
        size: (height, width) of the image.
        multiple: tiles but the last have a multiple of so many rows and columns.
    """
    height, width = size
    side = max(1, TILE // multiple) * multiple
    for top in range(0, height, side):
        for left in range(0, width, side):
            yield slice(top, min(top + side, height)), slice(left, min(left + side, width))


def row_strips(size: Size, pixels: int = TILE * TILE) -> Iterator[slice]:
    """Cut an image of (height, width) into strips of whole rows, about as large as `pixels`."""
    height, width = size
    rows = max(1, pixels // max(1, width))
    for top in range(0, height, rows):
        yield slice(top, min(top + rows, height))


def with_margin(tile: Tile, margin: int, size: Size) -> tuple[Tile, Tile]:
    """A tile with what lies around it, as far as the image goes; and the tile's place in that."""
    outer, inner = [], []
    for part, side in zip(tile, size, strict=True):
        start = max(0, part.start - margin)
        outer.append(slice(start, min(side, part.stop + margin)))
        inner.append(slice(part.start - start, part.stop - start))
    return (outer[0], outer[1]), (inner[0], inner[1])


def shrink_by(values: np.ndarray, factor: int) -> np.ndarray:
    """Shrink by a whole factor, averaging areas; an incomplete last cell repeats the border.

    Args:
        values: uint8 or float32 [H, W] or [H, W, C].

    Returns:
        float32 [ceil(H / factor), ceil(W / factor)] (or with C).
    """
    if factor == 1:
        return values.astype(np.float32)
    height, width = values.shape[:2]
    down, right = -height % factor, -width % factor
    if down or right:
        values = cv2.copyMakeBorder(values, 0, down, 0, right, cv2.BORDER_REPLICATE)
    size = (values.shape[1] // factor, values.shape[0] // factor)
    return cv2.resize(values, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def shrink_tile(tile: Tile, factor: int) -> Tile:
    """Where a tile that begins at a multiple of `factor` lies in the shrunken image."""
    rows, columns = tile
    return (
        slice(rows.start // factor, -(-rows.stop // factor)),
        slice(columns.start // factor, -(-columns.stop // factor)),
    )


class Enlarger:
    """Enlarges maps bilinearly, tiles on demand; pixel centres lie at halves.

    Args:
        maps: float32 [h, w, C].
        size: (height, width) of the enlarged maps, at least [h, w].
    """

    def __init__(self, maps: np.ndarray, size: Size):
        self._maps = maps
        self._size = size

    def tile(self, tile: Tile) -> np.ndarray:
        """The values of a tile, float32 [rows, columns, C]."""
        if self._size == self._maps.shape[:2]:
            return self._maps[tile].copy()
        result = self._maps
        for axis, part in enumerate(tile):
            before, share = self._positions(part, axis)
            share = share[(slice(None),) + (None,) * (2 - axis)]
            last = result.shape[axis] - 1
            values = result.take(np.clip(before, 0, last), axis)
            after = result.take(np.clip(before + 1, 0, last), axis)
            after -= values
            after *= share
            values += after
            result = values
        return result

    def _positions(self, part: slice, axis: int) -> tuple[np.ndarray, np.ndarray]:
        """Of the enlarged positions: the whole part and the fraction in the small maps."""
        scale = self._maps.shape[axis] / self._size[axis]
        position = (np.arange(part.start, part.stop) + 0.5) * scale - 0.5
        before = np.floor(position).astype(int)
        return before, (position - before).astype(np.float32)
