"""Python calls inside a tf.data pipeline, which can be stopped.

Calls that still run when an exception ends the process abort it ("terminate called without an
active exception") or hang it: the iterator waits for them, and they for an interpreter that is
ending. The iterator also waits for tf.data's autotuner, which may miss its cancellation and sleep
for up to a minute.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

QUIET_SECONDS = 0.2
"""The pipeline is at rest after so long without a call; a call is on its way for far less."""


class StoppableCalls:
    """Counts the calls of the functions that it wraps, and stops them for good."""

    def __init__(self):
        self._lock = threading.Lock()
        self._running = 0
        self._last = time.monotonic()
        self._stopped = False

    def wrap(self, function: Callable[..., Any], instead: Callable[[], Any]) -> Callable[..., Any]:
        """The function; once stopped, `instead` is called in its place.

        `instead` gives something of the same shapes at once: the pipeline fills its buffers with
        it, and waits. Nobody is to read a stopped pipeline.
        """

        def call(*arguments: Any) -> Any:
            self._count(1)
            try:
                return instead() if self._stopped else function(*arguments)
            finally:
                self._count(-1)

        return call

    def stop(self) -> None:
        """Stop, and return when no call is in progress or on its way."""
        self._stopped = True
        while self._running or time.monotonic() - self._last < QUIET_SECONDS:
            time.sleep(QUIET_SECONDS / 10)

    @contextlib.contextmanager
    def stopped_on_error(self) -> Iterator[None]:
        """Stop when the block raises, while the traceback still holds the iterators."""
        try:
            yield
        except BaseException:
            self.stop()
            raise

    def _count(self, change: int) -> None:
        with self._lock:
            self._running += change
            self._last = time.monotonic()


def without_autotuner(dataset: Any) -> Any:
    """A `tf.data.Dataset` whose AUTOTUNE is the number of cores, without the autotuner's thread."""
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)
