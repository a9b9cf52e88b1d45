"""How workers agree: what one of them has to say reaches all, so that all stop alike.

A worker that stops by itself leaves the others waiting in a sum that never ends.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tfmatting.datasets.pipeline.share import Share
from tfmatting.errors import InputError, WorkerLostError

LONGEST = 2000
"""Bytes of a message; the rest is cut off."""


class Agreement:
    """Small sums over all workers. Every worker has to call the same methods in the same order.

    Args:
        strategy: the `tf.distribute.Strategy`; None for a single device.
        share: this worker's.
    """

    def __init__(self, strategy: Any, share: Share):
        self._strategy, self._share = strategy, share
        self._sum: Callable[[Any], Any] | None = None

    def any(self, flag: bool) -> bool:
        """Whether the flag is set on any worker."""
        if self._share.workers == 1:
            return flag
        return bool(self._total([float(flag)])[0])

    def messages(self, own: str = "") -> list[str]:
        """What each worker says, by number; returns when all have spoken."""
        if self._share.workers == 1:
            return [own]
        said = own.encode()[:LONGEST].ljust(LONGEST, b"\0")
        rows = [[0.0] * LONGEST for _ in range(self._share.workers)]
        rows[self._share.worker] = [float(byte) for byte in said]
        total = self._total(rows) / self._share.replicas
        return [
            bytes(row.round().astype("uint8")).rstrip(b"\0").decode(errors="ignore")
            for row in total
        ]

    def check_equal(self, facts: Mapping[str, Any]) -> None:
        """Refuse workers that are not about to do the same.

        Raises:
            InputError: naming the first fact that differs, and each worker's.
        """
        for name, value in facts.items():
            said = self.messages(str(value))
            if len(set(said)) > 1:
                self._wait_until_heard()
                raise InputError(
                    f"All workers do the same, with the same files. Received: {name} "
                    f"{', '.join(said)}. Give the same options, --data and --output to all."
                )

    @contextlib.contextmanager
    def failing_together(self) -> Iterator[None]:
        """Raise what the block raises on all workers; in it, the workers do not talk.

        Raises:
            InputError: another worker's block has raised.
        """
        try:
            yield
        except Exception as error:
            self.messages(f"{type(error).__name__}: {error}")
            self._wait_until_heard()
            raise
        for number, message in enumerate(self.messages()):
            if message:
                self._wait_until_heard()
                raise InputError(f"Worker {number + 1} cannot start. {message}")

    @contextlib.contextmanager
    def losing_workers(self) -> Iterator[None]:
        """Say in the package's words that another worker has gone.

        Raises:
            WorkerLostError: a sum over all workers came to nothing.
        """
        try:
            yield
        except _lost() as error:
            if self._share.workers == 1:
                raise
            raise WorkerLostError(
                "All workers of a run are needed. Received: another one has ended or cannot be "
                f"reached ({type(error).__name__}). Start all of them again with --resume."
            ) from error

    def _wait_until_heard(self) -> None:
        """Return when all know why they stop: who leaves earlier takes the reason with it."""
        with contextlib.suppress(*_lost()):
            self.any(False)

    def _total(self, values: Any) -> Any:
        import tensorflow as tf

        if self._sum is None:
            strategy = self._strategy

            @tf.function(reduce_retracing=True)
            def sum_of(tensor):
                return strategy.reduce("SUM", strategy.run(lambda: tensor), axis=None)

            self._sum = sum_of
        return self._sum(tf.constant(values, tf.float32)).numpy()


def _lost() -> tuple[type[Exception], ...]:
    """What TensorFlow raises where another worker has gone."""
    from tensorflow import errors

    return errors.UnavailableError, errors.AbortedError, errors.CancelledError
