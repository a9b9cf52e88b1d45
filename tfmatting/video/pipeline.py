"""Runs decoding, matting, composing and encoding at the same time, connected by short queues.

Each step has a thread, and each queue holds a few frames: memory does not grow with the video, and
the slowest step sets the pace. The order is kept, because a queue has one writer and one reader.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import numpy as np

from tfmatting.imaging.tiles import keep_to_this_thread
from tfmatting.inference.predictor import Predictor
from tfmatting.inference.smoothing import SmoothedFrames, Smoother
from tfmatting.processes import cores
from tfmatting.video.reader import Frame, VideoReader

QUEUE_FRAMES = 2
STEPS = 4
"""Decoding, matting, composing, encoding. Without more cores, none of them shares its own work."""
THREAD_NAME = "step of a film"
"""The name of each step's thread."""
POLL_SECONDS = 0.1
"""How often a waiting step checks whether another step has failed."""

Compose = Callable[[np.ndarray, np.ndarray, float], np.ndarray]
"""(frame uint8 [H, W, 3], alpha float32 [H, W], time in seconds) -> uint8 [H', W', 3 or 4]."""


@dataclass(frozen=True)
class Picture:
    """One upright frame of the output.

    Attributes:
        pixels: uint8 [H, W, 3 or 4].
        pts: its presentation time, that of the input frame.
    """

    pixels: np.ndarray
    pts: int


class _StoppedError(Exception):
    """Another step failed, or the caller stopped."""


def matted(
    reader: VideoReader,
    predictor: Predictor,
    compose: Compose,
    smoother: Smoother | None = None,
    *,
    after: int | None = None,
) -> Generator[Picture]:
    """Yield the composed frames of a video in order.

    Close the generator before the reader is used for anything else.

    Args:
        reader: the video.
        predictor: the model; it sees the frames as one stream.
        compose: makes the picture of a frame and its alpha.
        smoother: smooths the mattes over time; frames wait for it.
        after: a presentation time to resume after; see `VideoReader.frames`.

    Raises:
        Exception: whatever a step raised.
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
    composed = (
        Picture(compose(frame.pixels, alpha, (frame.pts - start) * time_base), frame.pts)
        for frame, alpha in alphas
    )
    # beside a light network this is the slowest step, and decoding alone can wait
    pictures = step(composed, gives_way=False)
    try:
        yield from pictures
    finally:
        stop.set()
        for thread in threads:
            thread.join()  # the reader belongs to the caller again when no thread decodes
    if failures:
        raise failures[0]


def _with_alpha(
    frames: Iterator[Frame], predictor: Predictor, smoother: Smoother | None
) -> Iterator[tuple[Frame, np.ndarray]]:
    stream = predictor.stream()
    smoothed: SmoothedFrames[Frame] = SmoothedFrames(smoother)

    def ready() -> Iterator[tuple[Frame, np.ndarray]]:
        for frame in frames:
            yield from smoothed.push(frame, stream.alpha(frame.pixels))
        yield from smoothed.flush()

    for frame, alpha in ready():
        yield frame, frame.keep_own_alpha(alpha)


def _in_thread(
    items: Iterator, stop: threading.Event, failures: list[BaseException], gives_way: bool
) -> tuple[threading.Thread, Iterator]:
    """Run an iterator in a thread, a few items ahead, and return an iterator over its items."""
    handed: queue.Queue = queue.Queue(QUEUE_FRAMES)
    end = object()

    def put(item) -> None:
        while not stop.is_set():
            try:
                handed.put(item, timeout=POLL_SECONDS)
                return
            except queue.Full:
                continue
        raise _StoppedError

    def produce() -> None:
        try:
            if gives_way:
                _give_way()
            if cores() <= STEPS:
                keep_to_this_thread()
            for item in items:
                put(item)
            put(end)
        except _StoppedError:
            pass
        except BaseException as error:  # `matted` raises it in the caller's thread
            failures.append(error)
            stop.set()

    def consume() -> Iterator:
        while True:
            try:
                item = handed.get(timeout=POLL_SECONDS)
            except queue.Empty:
                if stop.is_set():
                    return
                continue
            if item is end:
                return
            yield item

    thread = threading.Thread(target=produce, name=THREAD_NAME, daemon=True)
    thread.start()
    return thread, consume()


def _give_way() -> None:
    """Lower the priority of the calling thread below that of the network's threads (Linux).

    The network's threads wait for each other after every layer, so one that is preempted by
    another step delays all of them.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
