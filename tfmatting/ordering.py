"""Sorts more items than should be in memory at a time."""

from __future__ import annotations

import heapq
import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, BinaryIO, TypeVar

Item = TypeVar("Item")

CHUNK = 20_000
"""So many items are in memory; others wait in a temporary file."""
BATCH = 250
"""So many of each chunk are read back at a time."""


def in_order(
    items: Iterable[Item], key: Callable[[Item], Any], chunk: int = CHUNK
) -> Iterator[Item]:
    """Yield items in the order of their keys (an external merge sort).

    Memory stays flat: at most `chunk` items are sorted at a time, and where there are more, the
    sorted chunks wait in one temporary file of the system and are merged from there.

    Args:
        items: anything that can be pickled.
        key: of an item, as for `sorted`.
        chunk: how many items are sorted in memory.

    Raises:
        OSError: the temporary file cannot be written.
    """
    items = iter(items)
    first = sorted(islice(items, chunk), key=key)
    if len(first) < chunk:
        yield from first
        return
    with tempfile.TemporaryFile() as file:
        chunks = [_store(file, first)]
        del first
        while part := sorted(islice(items, chunk), key=key):
            chunks.append(_store(file, part))
        yield from heapq.merge(*(_stored(file, places) for places in chunks), key=key)


def _store(file: BinaryIO, items: list[Any]) -> list[int]:
    """Append batches; return where each begins."""
    places = []
    for start in range(0, len(items), BATCH):
        places.append(file.tell())
        pickle.dump(items[start : start + BATCH], file)
    return places


def _stored(file: BinaryIO, places: list[int]) -> Iterator[Any]:
    for place in places:
        file.seek(place)
        yield from pickle.load(file)
