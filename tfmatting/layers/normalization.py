"""Batch normalization that trains in two thirds of the time on a CPU.

Keras computes the moments of a batch and the normalization with some ten element-wise operations,
and each of them passes through memory. TensorFlow has one kernel for all of them and one for their
gradient.
"""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable("tfmatting")
class BatchNormalization(keras.layers.BatchNormalization):
    """Keras' layer, with the same weights and results, trained with TensorFlow's fused kernel.

    Inference uses Keras' own code, as does training on another backend, in half precision, with
    masks or with `synchronized` statistics of all replicas.

    Attributes:
        fixed_statistics: training, too, normalises by the moving mean and variance and leaves them
            as they are; scale and offset still learn. Not saved: a stage of training sets it.

    Source: Ioffe & Szegedy, "Batch Normalization", ICML 2015.
    """

    fixed_statistics = False

    def call(self, inputs, training=None, mask=None):
        training = training and not self.fixed_statistics
        fused = training and self.trainable and mask is None and not self.synchronized
        if not (fused and _fits(inputs)):
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        normalized, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs, self.gamma, self.beta, epsilon=self.epsilon, is_training=True
        )
        # the kernel returns the unbiased variance; Keras' moving statistics hold the biased one
        count = tf.cast(tf.reduce_prod(tf.shape(inputs)[:-1]), variance.dtype)
        self._move(self.moving_mean, mean)
        self._move(self.moving_variance, variance * (count - 1.0) / count)
        return normalized

    def _move(self, statistic: Any, batch: Any) -> None:
        statistic.assign(statistic * self.momentum + batch * (1.0 - self.momentum))


def share_statistics(network: keras.Model) -> None:
    """Give all replicas of a network the mean of their moving statistics, after a step.

    Each replica moves its own by its piece of the batch. Nothing happens without replicas.
    """
    import tensorflow as tf

    if tf.distribute.get_strategy().num_replicas_in_sync == 1:
        return
    moved = [
        statistic
        for layer in network.layers
        if isinstance(layer, BatchNormalization) and layer.trainable and not layer.fixed_statistics
        for statistic in (layer.moving_mean, layer.moving_variance)
    ]
    if not moved:
        return
    context = tf.distribute.get_replica_context()
    ours = [tf.identity(statistic.value) for statistic in moved]
    means = context.all_reduce(tf.distribute.ReduceOp.MEAN, ours)
    for statistic, mean in zip(moved, means, strict=True):
        statistic.assign(mean)


def _fits(inputs: Any) -> bool:
    """Return whether the fused kernel accepts these inputs."""
    return (
        keras.backend.backend() == "tensorflow"
        and keras.backend.standardize_dtype(inputs.dtype) == "float32"
        and len(inputs.shape) == 4
    )
