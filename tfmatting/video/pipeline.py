"""Decoding, matting, composing and encoding at once, joined by short queues.

Each step is a thread and each queue holds a few frames, so that memory does not grow with the
video and the slowest step sets the pace. Order is kept: a queue has one writer and one reader.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfmatting.inference.predictor import Matter
from tfmatting.inference.smoothing import Smoother
from tfmatting.video.reader import Frame, VideoReader

QUEUE_FRAMES = 4
PAUSE = 0.1
"""Seconds between looks at whether another step has failed."""

Compose = Callable[[np.ndarray, np.ndarray, float], np.ndarray]
"""(frame uint8 [H, W, 3], alpha float32 [H, W], its time in seconds) -> picture uint8 [H', W', 3
or 4]."""


@dataclass(frozen=True)
class Picture:
    """A finished frame: uint8 [H, W, 3 or 4], upright, and its time."""

    pixels: np.ndarray
    pts: int


class _StoppedError(Exception):
    """Another step failed, or the consumer left."""


def matted(
    reader: VideoReader, matter: Matter, compose: Compose, smoother: Smoother | None = None
) -> Iterator[Picture | Any]:
    """Yield the composed frames of a video in order, and its packets of sound between them.

    Args:
        reader: the video.
        matter: the model; its own prior alpha is kept from frame to frame.
        compose: makes the picture of a frame and its alpha.
        smoother: smooths alphas over time; frames wait for it.
    """
    stop = threading.Event()
    failures: list[BaseException] = []

    def step(items: Iterator, work: Callable[[Iterator], Iterator]) -> Iterator:
        return _in_thread(work(items), stop, failures)

    frames = _in_thread(reader.items(), stop, failures)
    alphas = step(frames, lambda items: _with_alpha(items, matter, smoother))
    time_base = float(reader.facts.time_base)
    pictures = step(alphas, lambda items: _composed(items, compose, time_base))
    try:
        yield from pictures
    finally:
        stop.set()
    if failures:
        raise failures[0]


def _with_alpha(items: Iterator, matter: Matter, smoother: Smoother | None) -> Iterator:
    stream = matter.stream()
    waiting: list[Any] = []  # what came in since the oldest frame that has no smooth alpha yet

    def ready(alphas: Iterator[np.ndarray]) -> Iterator:
        for alpha in alphas:
            frame = waiting.pop(0)
            yield frame, alpha
            while waiting and not isinstance(waiting[0], Frame):
                yield waiting.pop(0)

    for item in items:
        if not isinstance(item, Frame):
            if waiting:
                waiting.append(item)
            else:
                yield item
            continue
        alpha = stream.alpha(item.pixels)
        if smoother is None:
            yield item, alpha
            continue
        waiting.append(item)
        yield from ready(smoother.push(alpha))
    if smoother is not None:
        yield from ready(smoother.flush())
    yield from waiting


def _composed(items: Iterator, compose: Compose, time_base: float) -> Iterator[Picture | Any]:
    start = None
    for item in items:
        if isinstance(item, tuple):
            frame, alpha = item
            start = frame.pts if start is None else start
            seconds = (frame.pts - start) * time_base
            yield Picture(compose(frame.pixels, alpha, seconds), frame.pts)
        else:
            yield item


def _in_thread(items: Iterator, stop: threading.Event, failures: list[BaseException]) -> Iterator:
    """Run an iterator in a thread of its own, a few items ahead."""
    handed: queue.Queue = queue.Queue(QUEUE_FRAMES)
    end = object()

    def put(item) -> None:
        while not stop.is_set():
            try:
                handed.put(item, timeout=PAUSE)
                return
            except queue.Full:
                continue
        raise _StoppedError

    def produce() -> None:
        try:
            for item in items:
                put(item)
            put(end)
        except _StoppedError:
            pass
        except BaseException as error:  # handed to the consumer, who raises it
            failures.append(error)
            stop.set()

    threading.Thread(target=produce, daemon=True).start()
    while True:
        try:
            item = handed.get(timeout=PAUSE)
        except queue.Empty:
            if stop.is_set():
                return
            continue
        if item is end:
            return
        yield item
