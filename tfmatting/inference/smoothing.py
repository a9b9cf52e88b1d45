"""Steadier mattes of a video, for networks that look at each frame alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

OFD_TOLERANCE = 0.1


class Smoother(Protocol):
    """Takes alphas in order and gives them back, perhaps later.

    Attributes:
        delay: frames between a matte going in and coming out.
    """

    delay: int

    def push(self, alpha: np.ndarray) -> Iterator[np.ndarray]:
        """Take the next matte, give those that are ready."""
        ...

    def flush(self) -> Iterator[np.ndarray]:
        """Give what is left."""
        ...


class OneFrameDelay:
    """A pixel whose neighbours in time agree, and which differs from both, takes their mean.

    Source: the OFD trick of Ke et al., "MODNet", AAAI 2022, section 4.4 (xi = 0.1).
    """

    delay = 1

    def __init__(self, tolerance: float = OFD_TOLERANCE):
        self.tolerance = tolerance
        self._before: np.ndarray | None = None
        self._waiting: np.ndarray | None = None

    def push(self, alpha: np.ndarray) -> Iterator[np.ndarray]:
        """Give the matte before this one."""
        if self._waiting is not None:
            yield self._smoothed(alpha)
            self._before = self._waiting
        self._waiting = alpha

    def flush(self) -> Iterator[np.ndarray]:
        """Give the last matte as it is."""
        if self._waiting is not None:
            yield self._waiting
        self._before = self._waiting = None

    def _smoothed(self, after: np.ndarray) -> np.ndarray:
        before, alpha = self._before, self._waiting
        assert alpha is not None  # push calls this with a matte waiting
        if before is None:
            return alpha
        flickers = (
            (np.abs(before - after) <= self.tolerance)
            & (np.abs(alpha - before) > self.tolerance)
            & (np.abs(alpha - after) > self.tolerance)
        )
        return np.where(flickers, (before + after) / 2, alpha)


class Recurrent:
    """A running mean that gives way where the matte really moves; no delay.

    Args:
        inertia: weight of the past where nothing changes; falls to 0 for a change of 0.5.
    """

    delay = 0

    def __init__(self, inertia: float = 0.6):
        self.inertia = inertia
        self._state: np.ndarray | None = None

    def push(self, alpha: np.ndarray) -> Iterator[np.ndarray]:
        """Give this matte, smoothed."""
        if self._state is None:
            self._state = alpha
        else:
            change = np.abs(alpha - self._state)
            weight = self.inertia * np.clip(1 - 2 * change, 0, 1)
            self._state = weight * self._state + (1 - weight) * alpha
        yield self._state

    def flush(self) -> Iterator[np.ndarray]:
        """Nothing is left."""
        self._state = None
        yield from ()


SMOOTHERS = {"ofd": OneFrameDelay, "recurrent": Recurrent}
