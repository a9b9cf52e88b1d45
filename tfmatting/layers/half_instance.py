"""Convolution with half batch, half instance normalization, as in MODNet.

Source: Pan et al., "Two at Once: Enhancing Learning and Generalization Capacities via IBN-Net",
ECCV 2018, in MODNet's form: the first half of the channels is batch-normalized (with a scale), the
rest is instance-normalized (without one).
"""

from __future__ import annotations

import keras
from keras import layers, ops

from tfmatting.layers.convolution import ConvolutionStyle, batch_normalization, padded


@keras.saving.register_keras_serializable("tfmatting")
class InstanceNormalization(layers.Layer):
    """Normalize each channel of each sample of `[B, H, W, C]` to mean 0 and variance 1.

    Means are taken along the width, then along the height. The result is the same, and accelerators
    that sum in float16 do not overflow.

    Args:
        epsilon: constant added to the variance.
    """

    def __init__(self, epsilon: float = 1e-5, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def call(self, x):
        centred = x - _mean(x)
        return centred * ops.rsqrt(_mean(centred * centred) + self.epsilon)

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}


def _mean(x):
    return ops.mean(ops.mean(x, axis=2, keepdims=True), axis=1, keepdims=True)


def half_instance_block(
    x, filters: int, kernel_size: int, *, style: ConvolutionStyle, name: str, stride: int = 1
):
    """Convolution with bias, half batch and half instance normalization, ReLU.

    Each half is a separate convolution, so nothing is sliced and the batch normalization can be
    folded into its convolution.

    Args:
        x: `[B, H, W, C]`.
        filters: channels of the result; the first half is rounded down.
        kernel_size, stride: kernel size and stride of the convolution.
        style: padding rule and constants of the batch normalization.
        name: prefix of the layer names: `NAME_batch`, `NAME_batch_BN`, `NAME_instance`.

    Returns:
        `[B, H/s, W/s, filters]`.
    """

    def half(count, part):
        # each half has its own padding: OpenCV fuses a padding with the one convolution after it
        y, padding = padded(x, kernel_size, stride, style, f"{name}_{part}")
        return layers.Conv2D(
            count, kernel_size, strides=stride, padding=padding, name=f"{name}_{part}"
        )(y)

    batch = batch_normalization(half(filters // 2, "batch"), style, f"{name}_batch_BN")
    instance = InstanceNormalization(style.epsilon, name=f"{name}_instance_IN")(
        half(filters - filters // 2, "instance")
    )
    x = layers.Concatenate(name=f"{name}_concat")([batch, instance])
    return layers.Activation("relu", name=f"{name}_relu")(x)
