"""What Keras 3.15 needs before its `fit` trains replicas of a model: the one file that knows.

Three things of it are wrong or missing:

- under MultiWorkerMirroredStrategy it reduces the first batch to learn the shapes, which fails
  with dictionaries (keras#20585), and it takes the mean of a step's scalars along an axis that
  they do not have;
- under any strategy it clips each replica's gradients, and looks at each replica's for infinite
  values, before it sums them. The steps then depend on how many replicas there are.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import keras
from keras import tree

KNOWN = "3.15."
"""The versions that this file was written for."""


def check_version(report: Callable[[str], None]) -> None:
    """Say so when Keras is another one than this file knows."""
    if not keras.__version__.startswith(KNOWN):
        report(
            f"warning: training on several devices was tested with Keras {KNOWN}x; this is "
            f"{keras.__version__}."
        )


def build_from_shapes(model: keras.Model) -> None:
    """Let `fit` learn the shapes of a batch from its dataset, without reading one."""

    def build(iterator: Any = None, data_batch: Any = None) -> None:
        if iterator is not None:
            specs = iterator._distributed_dataset.element_spec
            data_batch = tree.map_structure(_of_one_replica, specs)
        with model.distribute_strategy.scope():
            model._symbolic_build(data_batch=data_batch)

    model._maybe_symbolic_build = build


def _of_one_replica(spec: Any) -> Any:
    return spec._value_specs[0] if hasattr(spec, "_value_specs") else spec


def sum_gradients_first(optimizer: Any) -> None:
    """Let an optimizer see the sum of all replicas' gradients before it looks at or clips them."""
    import tensorflow as tf

    apply = optimizer.apply

    def sum_and_apply(grads: Any, trainable_variables: Any = None) -> None:
        # as results of this device: gradients may be on none, which sums refuse
        there = [tf.identity(gradient) for gradient in grads if gradient is not None]
        context = tf.distribute.get_replica_context()
        summed = iter(context.all_reduce(tf.distribute.ReduceOp.SUM, there))
        grads = [None if gradient is None else next(summed) for gradient in grads]
        apply(grads, trainable_variables)

    optimizer.apply = sum_and_apply
    innermost = getattr(optimizer, "inner_optimizer", optimizer)
    innermost._all_reduce_sum_gradients = lambda grads_and_vars: grads_and_vars


@contextlib.contextmanager
def workers_figures() -> Iterator[None]:
    """Let `fit` take the mean of a step's figures over the replicas of all workers."""
    from keras.src.backend.tensorflow import trainer

    original = trainer.reduce_per_replica
    trainer.reduce_per_replica = _mean_of_figures
    try:
        yield
    finally:
        trainer.reduce_per_replica = original


def _mean_of_figures(values: Any, strategy: Any, reduction: str) -> Any:
    """The mean of each scalar over all replicas, in one sum over the network."""
    import tensorflow as tf

    del reduction  # "auto", which is the mean
    scalars = tree.flatten(values)
    together = strategy.run(
        lambda *ours: tf.stack([tf.cast(scalar, tf.float32) for scalar in ours]), args=scalars
    )
    means = strategy.reduce("MEAN", together, axis=None)
    return tree.pack_sequence_as(values, tf.unstack(means, num=len(scalars)))
