"""What a run computes on: one device, those of this machine, or those of several workers.

Whatever it is, the batches are the same: a batch is divided among all replicas, and a run that
began on one device can go on with several.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from tfmatting.datasets.pipeline.share import WHOLE, Share
from tfmatting.errors import InputError
from tfmatting.layers.normalization import BatchNormalization
from tfmatting.training.distribution import keras_cure
from tfmatting.training.distribution.agreement import Agreement
from tfmatting.training.distribution.cluster import read_cluster
from tfmatting.training.distribution.names import MIRRORED, SINGLE, STRATEGIES


@dataclass(frozen=True)
class Distribution:
    """Replicas of a network that learn as one.

    Attributes:
        name: one of `STRATEGIES`.
        strategy: the `tf.distribute.Strategy`; None for a single device.
        share: this worker's part of every batch.
        synchronized_batch_norm: batch normalisations that learn take the statistics of the batch
            of all replicas, and not of their replica's piece.
    """

    name: str = SINGLE
    strategy: Any = None
    share: Share = WHOLE
    synchronized_batch_norm: bool = False

    @property
    def chief(self) -> bool:
        """Whether this worker writes the run's files."""
        return self.share.worker == 0

    @functools.cached_property
    def agreement(self) -> Agreement:
        """How the workers agree; a single one agrees with itself."""
        return Agreement(self.strategy, self.share)

    def scope(self) -> contextlib.AbstractContextManager[Any]:
        """Models that are built and compiled in the block have their variables on all replicas."""
        return self.strategy.scope() if self.strategy else contextlib.nullcontext()

    def distributed(self, batches: Any) -> Any:
        """The batches of this worker, each one's piece, as `fit` takes them."""
        if self.strategy is None:
            return batches
        return self.strategy.distribute_datasets_from_function(lambda context: batches)

    def steps(self, samples: int, batch_size: int) -> int | None:
        """Batches of an evaluation; None where `fit` can count them itself."""
        return self.share.evaluation_steps(samples, batch_size) if self.strategy else None

    def prepare(self, model: keras.Model) -> None:
        """Ready a compiled model for `fit` on all replicas."""
        if self.strategy is None:
            return
        for layer in model.layers:
            if isinstance(layer, BatchNormalization):
                layer.synchronized = self.synchronized_batch_norm
        keras_cure.build_from_shapes(model)
        keras_cure.sum_gradients_first(model.optimizer)

    def fitting(self) -> contextlib.AbstractContextManager[None]:
        """Keras can `fit` in the block."""
        return keras_cure.workers_figures() if self.share.workers > 1 else contextlib.nullcontext()

    def worker_batch(self, batch_size: int) -> int:
        """Samples of a batch that this worker computes with."""
        return batch_size // self.share.workers

    def normalization_batch(self, batch_size: int) -> int:
        """Samples that a batch normalisation takes statistics of."""
        return batch_size if self.synchronized_batch_norm else self.share.piece(batch_size)

    def check_batch(self, batch_size: int) -> None:
        """Refuse a batch that cannot be divided.

        Raises:
            InputError: naming the nearest that can.
        """
        count = self.share.all_replicas
        if batch_size % count:
            raise InputError(
                f"Each of the {count} replicas takes the same part of a batch. Received: batch "
                f"size {batch_size}. Use --batch-size {-(-batch_size // count) * count}."
            )

    def describe(self, batch_size: int) -> dict[str, Any]:
        """What `config.json` says of it."""
        return {
            "strategy": self.name,
            "workers": self.share.workers,
            "replicas": self.share.all_replicas,
            "global_batch_size": batch_size,
            "batch_size_of_a_replica": self.share.piece(batch_size),
            "batch_norm_statistics": self._statistics(),
        }

    def words(self, batch_size: int, seed: int) -> str:
        """A line for the user."""
        share = self.share
        return (
            f"Strategy {self.name}: {share.all_replicas} replicas on {share.workers} "
            f"worker{'s' if share.workers > 1 else ''}, batches of {batch_size} in all, "
            f"{share.piece(batch_size)} a replica, seed {seed} for all; batch norm statistics "
            f"are {self._statistics()}."
        )

    def _statistics(self) -> str:
        return "synchronized" if self.synchronized_batch_norm else "per replica"


ALONE = Distribution()
"""A single device."""


def open_distribution(
    name: str | None, *, synchronized_batch_norm: bool, report: Callable[[str], None]
) -> Distribution:
    """Find the devices of a strategy, and wait for the other workers.

    Call it before TensorFlow has computed anything.

    Args:
        name: one of `STRATEGIES`; "single" when None.
        synchronized_batch_norm: of the distribution.
        report: receives lines for the user.

    Raises:
        InputError: an unknown name, several workers without a usable `TF_CONFIG`, or
            synchronized batch norm on a single device.
    """
    name = name or SINGLE
    if name not in STRATEGIES:
        raise InputError(f"A strategy is one of {', '.join(STRATEGIES)}. Received: {name!r}.")
    if name == SINGLE:
        if synchronized_batch_norm:
            raise InputError(
                "Batch norm is synchronized between replicas. Received: one device. Give "
                "--strategy mirrored or multi-worker, or leave --synchronized-batch-norm out."
            )
        return ALONE
    keras_cure.check_version(report)
    if name == MIRRORED:
        strategy = _mirrored()
        share = Share(replicas=strategy.num_replicas_in_sync)
        if share.replicas == 1:
            report("Strategy mirrored: there is one device; it trains as without the strategy.")
        return Distribution(name, strategy, share, synchronized_batch_norm)
    worker, workers = read_cluster()
    report(f"Worker {worker + 1} of {workers} waits for the others.")
    strategy = _multi_worker()
    replicas = strategy.num_replicas_in_sync // workers
    share = Share(worker, workers, replicas)
    return Distribution(name, strategy, share, synchronized_batch_norm)


# one for all runs of a process: sums of a second strategy would be taken for those of the first


@functools.cache
def _mirrored() -> Any:
    import tensorflow as tf

    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    return tf.distribute.MirroredStrategy([device.name for device in devices])


@functools.cache
def _multi_worker() -> Any:
    import tensorflow as tf

    return tf.distribute.MultiWorkerMirroredStrategy()
