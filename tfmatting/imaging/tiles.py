"""Work on large photos a tile at a time, so that memory does not grow with them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import cv2
import numpy as np

from tfmatting.config import Size

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

TILE = 256
"""Rows and columns of a tile, about: three channels in float32 are 0.8 MB, which caches hold."""
Tile = tuple[slice, slice]
"""Rows and columns."""
Place = TypeVar("Place")
OPAQUE, CLEAR, MIXED = range(3)
"""What a piece of a matte is: all 1; 0 as far as one can see; or anything else."""
LONGEST_RUN = 8
"""Blocks of mixed alpha that are one piece of work."""
CHUNKS = 2
"""Parts of the work for each thread: few, because handing one over takes as long as some tiles."""
_this_thread = threading.local()


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


def mixed_runs(alpha: np.ndarray, reach: int, multiple: int = 1) -> Iterator[tuple[Tile, int]]:
    """Cut a matte into pieces that need the same work.

    Args:
        alpha: float32 [H, W] in [0, 1].
        reach: pixels, the distance from which a subject is felt.
        multiple: pieces begin at multiples of so many rows and columns.

    Yields:
        A tile, and what it is: `OPAQUE`, `CLEAR` (no subject within reach either) or `MIXED`.
    """
    side = -(-max(64, reach) // multiple) * multiple
    kinds = _kinds(alpha, side)
    for row, line in enumerate(kinds):
        rows = slice(row * side, min((row + 1) * side, alpha.shape[0]))
        start = 0
        for column in range(1, len(line) + 1):
            longest = column - start == LONGEST_RUN and line[start] == MIXED
            if column < len(line) and line[column] == line[start] and not longest:
                continue
            columns = slice(start * side, min(column * side, alpha.shape[1]))
            yield (rows, columns), line[start]
            start = column


def _kinds(alpha: np.ndarray, side: int) -> np.ndarray:
    """The kind of every block of `side` pixels."""
    starts = np.arange(0, alpha.shape[1], side)
    lowest, highest = [], []
    for top in range(0, alpha.shape[0], side):
        strip = alpha[top : top + side]
        lowest.append(np.minimum.reduceat(strip.min(axis=0), starts))
        highest.append(np.maximum.reduceat(strip.max(axis=0), starts))
    # a block and its eight neighbours cover what is within reach
    near = cv2.dilate(np.array(highest, np.float32), np.ones((3, 3), np.uint8))
    kinds = np.full(near.shape, MIXED)
    kinds[near <= 0] = CLEAR
    kinds[np.array(lowest) >= 1] = OPAQUE
    return kinds


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


def place_among(tile: Tile, cells: Tile, factor: int) -> Tile:
    """Where a tile of an image lies in what cells of the shrunken one become when enlarged."""
    rows, columns = (
        slice(one.start - cell.start * factor, one.stop - cell.start * factor)
        for one, cell in zip(tile, cells, strict=True)
    )
    return rows, columns


class Enlarger:
    """Enlarges maps bilinearly by a whole factor, tiles on demand; pixel centres lie at halves.

    Args:
        maps: float32 [h, w, C].
        factor: of both sides.
    """

    def __init__(self, maps: np.ndarray, factor: int):
        self._maps = maps
        self._factor = factor

    def tile(self, tile: Tile) -> np.ndarray:
        """The values of a tile, float32 [rows, columns, C]."""
        if self._factor == 1:
            return self._maps[tile].copy()
        # a cell more on each side: then the cut changes nothing
        cells, _ = with_margin(shrink_tile(tile, self._factor), 1, self._maps.shape[:2])
        part = self._maps[cells]
        size = (part.shape[1] * self._factor, part.shape[0] * self._factor)
        larger = cv2.resize(part, size, interpolation=cv2.INTER_LINEAR)
        return larger[place_among(tile, cells, self._factor)]


def for_each(work: Callable[[Place], None], places: Iterable[Place]) -> None:
    """Call a function with each tile or strip, on as many threads as OpenCV may use.

    NumPy and OpenCV leave Python's lock while they compute. `cv2.setNumThreads(1)`, which
    processes of a pool call, keeps all in one thread, and so does `keep_to_this_thread`.
    """
    places = list(places)
    threads = 1 if getattr(_this_thread, "alone", False) else cv2.getNumThreads()

    def work_through(chunk: list[Place]) -> None:
        for place in chunk:
            work(place)

    if min(threads, len(places)) < 2:
        work_through(places)
        return
    share = -(-len(places) // (CHUNKS * threads))
    chunks = [places[start : start + share] for start in range(0, len(places), share)]
    for _ in _pool(threads).map(work_through, chunks):
        pass


def keep_to_this_thread() -> None:
    """Have `for_each` start no others from this thread, because those beside it use the cores."""
    _this_thread.alone = True


@lru_cache(maxsize=1)
def _pool(threads: int) -> ThreadPoolExecutor:
    """Threads that stay: a film would start a dozen for each of its frames."""
    from concurrent.futures import ThreadPoolExecutor  # small photos start without it

    return ThreadPoolExecutor(threads)
