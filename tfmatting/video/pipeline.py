"""Decoding, matting, composing and encoding at once, joined by short queues.

Each step is a thread and each queue holds a few frames, so that memory does not grow with the
video and the slowest step sets the pace. Order is kept: a queue has one writer and one reader.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import numpy as np

from tfmatting.inference.predictor import Predictor
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
    reader: VideoReader,
    predictor: Predictor,
    compose: Compose,
    smoother: Smoother | None = None,
    *,
    after: int | None = None,
) -> Generator[Picture]:
    """Yield the composed frames of a video in order; close it before using the reader again.

    Args:
        reader: the video.
        predictor: the model; its own prior alpha is kept from frame to frame.
        compose: makes the picture of a frame and its alpha.
        smoother: smooths alphas over time; frames wait for it.
        after: a pts to begin behind; see `VideoReader.frames`.
    """
    stop = threading.Event()
    failures: list[BaseException] = []
    threads: list[threading.Thread] = []

    def step(items: Iterator, *, gives_way: bool = True) -> Iterator:
        thread, handed = _in_thread(items, stop, failures, gives_way)
        threads.append(thread)
        return handed

    start, time_base = reader.first_pts, float(reader.facts.time_base)
    frames = step(reader.frames(after))
    alphas = step(_with_alpha(frames, predictor, smoother), gives_way=False)
    pictures = step(
        Picture(compose(frame.pixels, alpha, (frame.pts - start) * time_base), frame.pts)
        for frame, alpha in alphas
    )
    try:
        yield from pictures
    finally:
        stop.set()
        for thread in threads:
            thread.join()  # the reader is the caller's again only when no thread decodes
    if failures:
        raise failures[0]


def _with_alpha(
    frames: Iterator[Frame], predictor: Predictor, smoother: Smoother | None
) -> Iterator[tuple[Frame, np.ndarray]]:
    stream = predictor.stream()
    waiting: deque[Frame] = deque()  # frames that have no smooth alpha yet
    for frame in frames:
        alpha = stream.alpha(frame.pixels)
        waiting.append(frame)
        for ready in smoother.push(alpha) if smoother else (alpha,):
            yield waiting.popleft(), ready
    for ready in smoother.flush() if smoother else ():
        yield waiting.popleft(), ready


def _in_thread(
    items: Iterator, stop: threading.Event, failures: list[BaseException], gives_way: bool
) -> tuple[threading.Thread, Iterator]:
    """Run an iterator in a thread of its own, a few items ahead; hand its items over."""
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
            if gives_way:
                _give_way()
            for item in items:
                put(item)
            put(end)
        except _StoppedError:
            pass
        except BaseException as error:  # handed to the consumer, who raises it
            failures.append(error)
            stop.set()

    def consume() -> Iterator:
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

    thread = threading.Thread(target=produce, daemon=True)
    thread.start()
    return thread, consume()


def _give_way() -> None:
    """Let the calling thread wait for the network's, where threads have priorities of their own.

    A network's threads wait for each other after every layer: one that is put aside for another
    step holds up all of them.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
