"""The part of every batch that one worker of several takes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Share:
    """Which samples of a batch a worker reads, and in how many pieces.

    A batch is what it is without workers: worker k takes the k-th of its equal parts, and cuts
    that into one piece for each of its replicas.

    Attributes:
        worker: number of this worker, from 0.
        workers: how many there are.
        replicas: of the network on each worker, one a device.
    """

    worker: int = 0
    workers: int = 1
    replicas: int = 1

    @property
    def all_replicas(self) -> int:
        """Replicas of all workers."""
        return self.workers * self.replicas

    def piece(self, batch_size: int) -> int:
        """Samples that a replica takes of a batch."""
        return batch_size // self.all_replicas

    def of_order(self, indices: Any, batch_size: int) -> Any:
        """This worker's part of the samples of an epoch.

        Args:
            indices: int64 tensor [N], in the order of the epoch.
            batch_size: samples of a batch of all workers.

        Returns:
            int64 tensor of at most N, in the same order.
        """
        if self.workers == 1:
            return indices
        import tensorflow as tf

        places = tf.range(tf.size(indices)) % batch_size
        return indices[places // (batch_size // self.workers) == self.worker]

    def evaluation_steps(self, count: int, batch_size: int) -> int:
        """Batches that an evaluation of `count` samples is divided into."""
        return max(1, min(math.ceil(count / batch_size), count // self.all_replicas))

    def of_evaluation(self, count: int, batch_size: int) -> list[tuple[np.ndarray, int]]:
        """This worker's part of samples that are each evaluated once.

        Every replica gets as many pieces, and none is empty: convolutions do not take that. Fewer
        samples than replicas are given out again.

        Args:
            count: of the samples.
            batch_size: samples of a batch of all workers.

        Returns:
            (int64 places [N] of the samples, samples a piece), the larger pieces first.
        """
        pieces = self.evaluation_steps(count, batch_size) * self.all_replicas
        count_given = max(count, pieces)
        small, larger = divmod(count_given, pieces)
        edge = larger * (small + 1)
        places = np.arange(count_given)
        numbers = np.where(places < edge, places // (small + 1), larger + (places - edge) // small)
        ours = numbers % self.all_replicas // self.replicas == self.worker
        parts = ((ours & (places < edge), small + 1), (ours & (places >= edge), small))
        return [(places[part] % count, size) for part, size in parts if part.any()]


WHOLE = Share()
"""One worker with one replica."""
