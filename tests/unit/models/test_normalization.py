"""The fused batch normalisation is Keras' own, in less time."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmatting.layers.normalization import BatchNormalization


def _pair():
    generator = np.random.default_rng(3)
    ours = BatchNormalization(epsilon=1e-3, momentum=0.9)
    theirs = keras.layers.BatchNormalization(epsilon=1e-3, momentum=0.9)
    for layer in (ours, theirs):
        layer.build((None, None, None, 6))
    weights = [generator.uniform(0.5, 2, 6).astype(np.float32) for _ in range(4)]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    images = generator.normal(3.0, 2.0, (4, 5, 7, 6)).astype(np.float32)
    return ours, theirs, tf.constant(images)


def _gradients(layer, images):
    # a weighted sum: the gradient of a plain one is zero by the very normalisation
    weights = tf.constant(np.linspace(-1, 1, images.shape.num_elements()).reshape(images.shape))
    with tf.GradientTape() as tape:
        tape.watch(images)
        loss = tf.reduce_sum(layer(images, training=True) * tf.cast(weights, tf.float32))
    return tape.gradient(loss, [images, *[v.value for v in layer.trainable_variables]])


def test_training_gives_keras_numbers_gradients_and_statistics():
    ours, theirs, images = _pair()
    np.testing.assert_allclose(
        ours(images, training=True), theirs(images, training=True), rtol=1e-4, atol=1e-5
    )
    for mine, expected in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, expected, rtol=1e-5)
    mine, expected = _gradients(ours, images), _gradients(theirs, images)
    for a, b in zip(mine, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("trainable", [True, False])
def test_inference_and_a_frozen_layer_are_keras_own(trainable):
    ours, theirs, images = _pair()
    ours.trainable = theirs.trainable = trainable
    training = not trainable
    before = ours.get_weights()
    np.testing.assert_array_equal(
        ours(images, training=training), theirs(images, training=training)
    )
    for mine, expected in zip(ours.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, expected)
