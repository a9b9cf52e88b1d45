"""Convolution with half batch, half instance normalisation, as MODNet has it.

Source: Pan et al., "Two at Once: Enhancing Learning and Generalization Capacities via IBN-Net",
ECCV 2018, in MODNet's form: the first half of the channels is batch-normalised (with scale), the
rest instance-normalised (without).
"""

from __future__ import annotations

import keras
from keras import layers, ops

from tfmatting.layers.convolution import ConvolutionStyle, batch_normalization, padded


@keras.saving.register_keras_serializable("tfmatting")
class InstanceNormalization(layers.Layer):
    """Bring every channel of every sample of `[B, H, W, C]` to mean 0 and variance 1.

    Means are taken along the width and then along the height: the numbers are the same, and float16
    accelerators, which sum in float16, do not overflow.

    Args:
        epsilon: added to the variance.
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
    """Convolution with bias, half batch and half instance normalisation, relu.

    Each half is a convolution of its own: nothing is sliced, and the batch norm folds into its
    convolution.

    Args:
        x: `[B, H, W, C]`.
        filters: channels of the result, the first half rounded down.
        kernel_size, stride: of the convolution.
        style: padding rule and batch-norm constants.
        name: prefix: `NAME_batch`, `NAME_batch_BN`, `NAME_instance`.

    Returns:
        `[B, H/s, W/s, filters]`.
    """

    def half(count, part):
        # padded apart: OpenCV joins a padding with the one convolution that follows it
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
