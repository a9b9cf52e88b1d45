"""Ctrl-C that takes effect between two steps.

An interrupt that reaches Python inside a native callback or a half-written file comes out as some
other error, or not at all.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

import keras


class StopOnInterrupt(keras.callbacks.Callback):
    """Raise KeyboardInterrupt at the end of a step once `requested`."""

    def __init__(self):
        super().__init__()
        self.requested = False

    def on_train_batch_end(self, batch, logs=None):
        if self.requested:
            raise KeyboardInterrupt


@contextlib.contextmanager
def interrupts_between_steps() -> Iterator[StopOnInterrupt]:
    """Yield a callback that stops training after the first Ctrl-C; a second one stops at once."""
    callback = StopOnInterrupt()
    if threading.current_thread() is not threading.main_thread():
        yield callback  # only the main thread may handle signals
        return
    previous = signal.getsignal(signal.SIGINT)

    def request(number, frame):
        callback.requested = True
        signal.signal(signal.SIGINT, previous)

    signal.signal(signal.SIGINT, request)
    try:
        yield callback
    finally:
        signal.signal(signal.SIGINT, previous)
