"""The presentation times of decoded frames, in the order of decoding."""

from __future__ import annotations


class RisingTimes:
    """Accepts times that rise, and rejects the others.

    Attributes:
        last: the last accepted time; None before the first.
    """

    def __init__(self):
        self.last: int | None = None

    def accept(self, pts: int | None) -> int | None:
        """Return the time of the next frame, or None for a frame that must be left out.

        Args:
            pts: the frame's time in units of the stream's time base. A frame without a time
                follows the previous one by one unit.
        """
        if pts is None:
            pts = (self.last or 0) + 1
        if self.last is not None and pts <= self.last:
            return None
        self.last = pts
        return pts


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
