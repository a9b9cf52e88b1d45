"""The presentation times of decoded frames: repaired where a file states none or wrong ones.

Decoders give frames in the order in which they are shown. Their times may be missing (raw
streams), in another order (AVI with B-frames) or start anew (joined transport streams). No frame
is dropped for that.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
LOOK_AHEAD = 16
"""Frames whose times may be in another order: the largest reorder depth of H.264."""


def repair_times(frames: Iterable[tuple[T, int | None]], step: int) -> Iterator[tuple[T, int]]:
    """Give frames rising times.

    Times that rise are kept. Times in another order are sorted among the frames around them, a
    missing one follows its predecessor by `step`, and where a file starts anew, its times go on
    after the ones before.

    Args:
        frames: (frame, time) in the order in which frames are shown; None for no time.
        step: the usual distance of frames, at least 1.

    Yields:
        Every frame with its time, `LOOK_AHEAD` frames late at most.
    """
    waiting: deque[T] = deque()
    times: list[int] = []
    offset, newest, last = 0, None, None
    for frame, time in frames:
        if time is None:
            time = 0 if newest is None else newest + step
        else:
            time += offset
            if newest is not None and time < newest - 2 * LOOK_AHEAD * step:
                offset += newest + step - time
                time = newest + step
        newest = time if newest is None else max(newest, time)
        waiting.append(frame)
        heapq.heappush(times, time)
        if len(waiting) > LOOK_AHEAD:
            last = _rise(heapq.heappop(times), last)
            yield waiting.popleft(), last
    while waiting:
        last = _rise(heapq.heappop(times), last)
        yield waiting.popleft(), last


def _rise(time: int, last: int | None) -> int:
    return time if last is None else max(time, last + 1)


def decode_times(shown: list[int]) -> list[int]:
    """Return the decode time of each packet, given its presentation time.

    Both lists are in the order of the file. Decode times are the sorted presentation times, moved
    back by as many frames as the codec's reordering needs. They rise, and none is later than its
    presentation time.

    Args:
        shown: distinct presentation times.
    """
    ordered = sorted(shown)
    place = {time: index for index, time in enumerate(ordered)}
    delay = max((index - place[time] for index, time in enumerate(shown)), default=0)
    step = ordered[1] - ordered[0] if len(ordered) > 1 else 1
    early = [ordered[0] - step * (delay - index) for index in range(delay)]
    return early + ordered[: len(ordered) - delay]
