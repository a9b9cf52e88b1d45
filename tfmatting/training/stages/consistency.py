"""Training on unlabelled frames: MODNet's branches are made consistent with each other.

Source: Ke et al., "MODNet", AAAI 2022, section 3.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from tfmatting.datasets.pipeline.calls import without_autotuner
from tfmatting.datasets.pipeline.share import WHOLE, Share
from tfmatting.errors import InputError
from tfmatting.losses.consistency import detail_consistency, semantic_consistency
from tfmatting.models.matting_model import MattingModel
from tfmatting.training.stages.stage import Recipe

SEMANTIC_WEIGHT, DETAIL_WEIGHT = 100.0, 1.0
FROZEN_DETAIL = "frozen_detail"


class ConsistencyModel(MattingModel):
    """A MODNet whose loss is its disagreement with itself; layers and weights are shared."""

    def compute_loss(
        self, x=None, y: Any = None, y_pred: Any = None, sample_weight=None, training=True
    ):
        """Disagreement of semantics and alpha, and change of the detail where that is known."""
        import tensorflow as tf

        alpha = y_pred["alpha"]
        loss = SEMANTIC_WEIGHT * semantic_consistency(y_pred["semantic"], alpha)
        if FROZEN_DETAIL in y:  # validation has truth instead
            loss += DETAIL_WEIGHT * detail_consistency(y_pred["detail"], y[FROZEN_DETAIL], alpha)
        return keras.ops.mean(loss) / tf.distribute.get_strategy().num_replicas_in_sync


def with_consistency_loss(model: keras.Model, recipe: Recipe) -> keras.Model:
    """The same network, to be trained on its own consistency, whatever the recipe."""
    return ConsistencyModel(model)


class UnlabelledFrames:
    """Unlabelled frames with the outputs of the network before training.

    Args:
        model: MODNet before the stage.
        frames: uint8 [H, W, 3] of the model's size.
    """

    def __init__(self, model: keras.Model, frames: Sequence[np.ndarray]):
        import tensorflow as tf

        if not frames:
            raise InputError("This stage learns from frames without truth. Give --frames.")
        self._images = np.stack(frames)
        predict = tf.function(lambda batch: model({"image": batch}, training=False))
        before = [predict(image[None]) for image in self._images]
        self._before = {
            name: np.concatenate([outputs[name] for outputs in before]) for name in before[0]
        }

    def dataset(self, batch_size: int, seed: int, *, first_epoch: int = 0, share: Share = WHOLE):
        """Batches in a new order every epoch; an epoch's incomplete batch is dropped.

        Args:
            batch_size, seed: of the batches and their order.
            first_epoch: where a resumed run goes on.
            share: the part of every batch that is read here.

        Returns:
            An endless `tf.data.Dataset` of `({"image"}, {"frozen_detail", ...})`; the other
            targets are the outputs before the stage, so that metrics show how far they moved.

        Raises:
            InputError: fewer frames than a batch.
        """
        import tensorflow as tf

        count = len(self._images)
        if count < batch_size:
            raise InputError(
                f"This stage needs a batch of {batch_size} frames at least. Received: {count}. "
                "Give more --frames, or a smaller --batch-size."
            )

        def order(epoch):
            indices = tf.random.experimental.stateless_shuffle(
                tf.range(count), seed=tf.stack([tf.cast(seed, tf.int64), epoch])
            )
            indices = indices[: count // batch_size * batch_size]
            indices = share.of_order(indices, batch_size)
            return tf.data.Dataset.from_tensor_slices(indices)

        def load(indices):
            targets = {name: tf.gather(value, indices) for name, value in self._before.items()}
            targets[FROZEN_DETAIL] = targets["detail"]
            return {"image": tf.gather(self._images, indices)}, targets

        passes = tf.data.Dataset.range(first_epoch, 2**40)
        pieces = passes.flat_map(order).batch(share.piece(batch_size)).map(load).prefetch(1)
        endless = tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)
        return without_autotuner(pieces.apply(endless))
