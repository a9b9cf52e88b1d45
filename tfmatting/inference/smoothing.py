"""Temporal smoothing of mattes, for networks that process each frame on its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

import numpy as np

from tfmatting.errors import InputError

OFD_TOLERANCE = 0.1
"""The paper's xi, in units of alpha."""
Frame = TypeVar("Frame")


class Smoother(Protocol):
    """Smooths the mattes of one video. Mattes go in and come out in order.

    Attributes:
        delay: number of frames by which a matte comes out later than it went in.
    """

    delay: int

    def push(self, alpha: np.ndarray) -> Iterator[np.ndarray]:
        """Take the next matte, float32 [H, W] in [0, 1], and yield the mattes that are ready."""
        ...

    def flush(self) -> Iterator[np.ndarray]:
        """Yield the remaining mattes at the end of the video."""
        ...


class OneFrameDelay:
    """One-frame delay (OFD): removes flicker that lasts a single frame.

    If the previous and the next frame agree on a pixel and the frame between differs from both,
    the pixel is replaced by their mean.

    Args:
        tolerance: largest difference of alpha that counts as agreement.

    Source: Ke et al., "MODNet", AAAI 2022, section 4.4.
    """

    delay = 1

    def __init__(self, tolerance: float = OFD_TOLERANCE):
        self.tolerance = tolerance
        self._before: np.ndarray | None = None
        self._waiting: np.ndarray | None = None

    def push(self, alpha: np.ndarray) -> Iterator[np.ndarray]:
        """Take a matte and yield the previous one."""
        if self._waiting is not None:
            yield self._smoothed(alpha)
            self._before = self._waiting
        self._waiting = alpha

    def flush(self) -> Iterator[np.ndarray]:
        """Yield the last matte unchanged."""
        if self._waiting is not None:
            yield self._waiting
        self._before = self._waiting = None

    def _smoothed(self, after: np.ndarray) -> np.ndarray:
        before, alpha = self._before, self._waiting
        assert alpha is not None  # push calls this only when a matte is waiting
        if before is None:
            return alpha
        flickers = (
            (np.abs(before - after) <= self.tolerance)
            & (np.abs(alpha - before) > self.tolerance)
            & (np.abs(alpha - after) > self.tolerance)
        )
        return np.where(flickers, (before + after) / 2, alpha)


class Recurrent:
    """A running mean without delay, which follows changes of alpha above 0.5 at once.

    Args:
        inertia: weight of the previous mattes where alpha does not change. The weight falls
            linearly to 0 for a change of 0.5.
    """

    delay = 0

    def __init__(self, inertia: float = 0.6):
        self.inertia = inertia
        self._state: np.ndarray | None = None

    def push(self, alpha: np.ndarray) -> Iterator[np.ndarray]:
        """Take a matte and yield it smoothed."""
        if self._state is None:
            self._state = alpha
        else:
            change = np.abs(alpha - self._state)
            weight = self.inertia * np.clip(1 - 2 * change, 0, 1)
            self._state = weight * self._state + (1 - weight) * alpha
        yield self._state

    def flush(self) -> Iterator[np.ndarray]:
        """Yield nothing: no matte is waiting."""
        self._state = None
        yield from ()


class SmoothedFrames(Generic[Frame]):
    """Pairs each frame of a video with its smoothed matte; frames wait for it.

    Args:
        smoother: None leaves the mattes as they are.
    """

    def __init__(self, smoother: Smoother | None):
        self._smoother = smoother
        self._waiting: deque[Frame] = deque()

    def push(self, frame: Frame, alpha: np.ndarray) -> Iterator[tuple[Frame, np.ndarray]]:
        """Take the next frame and its matte, and yield the frames whose mattes are ready."""
        self._waiting.append(frame)
        for ready in self._smoother.push(alpha) if self._smoother else (alpha,):
            yield self._waiting.popleft(), ready

    def flush(self) -> Iterator[tuple[Frame, np.ndarray]]:
        """Yield the remaining frames at the end of the video."""
        for ready in self._smoother.flush() if self._smoother else ():
            yield self._waiting.popleft(), ready


SMOOTHERS = {"ofd": OneFrameDelay, "recurrent": Recurrent}


def make_smoother(name: str | None) -> Smoother | None:
    """Make the smoother of a name; None for None.

    Raises:
        InputError: an unknown name.
    """
    if name is None:
        return None
    if name not in SMOOTHERS:
        raise InputError(f"`smooth` is one of {', '.join(SMOOTHERS)}. Received: {name!r}.")
    return SMOOTHERS[name]()
