"""A temporal network trained on its own predictions as prior.

Priors made of the truth are better than what a network gets in a video, which is its own alpha: it
would learn to keep whatever is in there. For a part of the samples the prior is what the network
itself makes of the picture, moved a little as from frame to frame.

Source: the idea of scheduled sampling, Bengio et al., NeurIPS 2015, with one step.
"""

from __future__ import annotations

import keras

from tfmatting.datasets.augmentation.prior import PRIOR_ALPHA
from tfmatting.models.matting_model import MattingModel
from tfmatting.models.variants import with_prior_alpha
from tfmatting.training.stages.stage import Recipe

MOVED = 0.03
"""Farthest that things move between frames, part of the side."""


class SelfPriorModel(MattingModel):
    """A network with a prior that is trained on its own; layers and weights are shared.

    Args:
        network: a model with the input `prior_alpha`.
        share: of the samples with a prior that get the network's own.
    """

    def __init__(self, network: keras.Model, share: float = 0.5):
        super().__init__(network)
        self.share = share

    def train_step(self, data):
        """A step on a batch whose priors are in part the network's own."""
        inputs, targets, weights = keras.utils.unpack_x_y_sample_weight(data)
        import tensorflow as tf

        given = inputs[PRIOR_ALPHA]
        own = tf.stop_gradient(self(inputs, training=False)["alpha"])
        # seeds follow the step, so that a resumed run draws what it would have drawn
        seed = tf.stack([tf.cast(self.optimizer.iterations, tf.int32), 0])
        reach = tf.cast(MOVED * tf.cast(tf.shape(given)[1:3], tf.float32), tf.int32)
        shift = tf.random.stateless_uniform((2,), seed, -1.0, 1.0) * tf.cast(reach, tf.float32)
        own = tf.roll(own, tf.cast(tf.round(shift), tf.int32), axis=(1, 2))
        # drawn for the whole batch, of which a replica has a piece
        context = tf.distribute.get_replica_context()
        count = tf.shape(given)[0]
        samples = tf.stack([count * context.num_replicas_in_sync, 1, 1, 1])
        drawn = tf.random.stateless_uniform(samples, seed + 1)
        drawn = drawn[count * context.replica_id_in_sync_group :][:count]
        present = tf.reduce_any(given > 0, axis=(1, 2, 3), keepdims=True)
        prior = tf.where((drawn < self.share) & present, own, given)
        return super().train_step(({**inputs, PRIOR_ALPHA: prior}, targets, weights))


def with_self_prior(model: keras.Model, recipe: Recipe) -> keras.Model:
    """The network in its form with a prior, to be trained on its own mattes."""
    return SelfPriorModel(with_prior_alpha(model), recipe.prior.self_prior)
