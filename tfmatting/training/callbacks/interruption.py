"""Ctrl-C and SIGTERM that take effect between two steps.

An interrupt that reaches Python inside a native callback or a half-written file comes out as some
other error, or not at all.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator

import keras

from tfmatting.datasets.pipeline.calls import StoppableCalls

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopOnInterrupt(keras.callbacks.Callback):
    """Raise KeyboardInterrupt after a step once `requested`.

    Args:
        agree: given whether this worker is to stop, says whether any worker is.
    """

    def __init__(self, agree: Callable[[bool], bool] = bool):
        super().__init__()
        self.requested = False
        self._agree = agree

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 0:
            self._stop_if_requested()

    def on_train_batch_end(self, batch, logs=None):
        self._stop_if_requested()

    def on_test_batch_end(self, batch, logs=None):
        self._stop_if_requested()

    def _stop_if_requested(self) -> None:
        if self._agree(self.requested):
            raise KeyboardInterrupt


@contextlib.contextmanager
def interrupts_between_steps(
    agree: Callable[[bool], bool] = bool,
) -> Iterator[StopOnInterrupt]:
    """Yield a callback that stops training after the first signal; a second one stops at once.

    All workers stop after the same step, whichever of them got the signal.

    SIGTERM is left alone where nothing handles it: it ends the process.
    """
    callback = StopOnInterrupt(agree)
    if threading.current_thread() is not threading.main_thread():
        yield callback  # only the main thread may handle signals
        return
    previous = {number: signal.getsignal(number) for number in SIGNALS}
    handled = [number for number, handler in previous.items() if callable(handler)]

    def request(number, frame):
        callback.requested = True
        restore()

    def restore() -> None:
        for number in handled:
            signal.signal(number, previous[number])

    for number in handled:
        signal.signal(number, request)
    try:
        yield callback
    finally:
        restore()


@contextlib.contextmanager
def stopped_at_the_end(calls: StoppableCalls) -> Iterator[keras.callbacks.Callback]:
    """Yield a callback that stops a pipeline's calls before `fit` lets go of its iterators.

    When the block raises, the calls are stopped while the traceback still holds the iterators;
    Keras' filter of tracebacks would let go of them earlier.
    """
    filtered = keras.config.is_traceback_filtering_enabled()
    keras.config.disable_traceback_filtering()
    try:
        with calls.stopped_on_error():
            yield keras.callbacks.LambdaCallback(on_train_end=lambda logs: calls.stop())
    finally:
        if filtered:
            keras.config.enable_traceback_filtering()
