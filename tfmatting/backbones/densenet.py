"""DenseNet as an encoder: in each block, a layer receives the outputs of all layers before it.

Source: Huang et al., "Densely Connected Convolutional Networks", CVPR 2017, table 1, in the form
and with the layer names of keras.applications. LFM pads the 7x7 and 3x3 convolutions by mirroring;
keras.applications pads with zeros. The weights are the same.
"""

from __future__ import annotations

from keras import layers

from tfmatting.backbones.membership import backbone
from tfmatting.layers.normalization import BatchNormalization
from tfmatting.layers.padding import SymmetricPadding

BLOCKS = {
    "densenet121": (6, 12, 24, 16),
    "densenet169": (6, 12, 32, 32),
    "densenet201": (6, 12, 48, 32),
}
GROWTH = 32
REDUCTION = 0.5
EPSILON = 1.001e-5


@backbone
def densenet(x, variant: str, *, momentum: float = 0.95):
    """Build the encoder on a normalized image.

    Args:
        x: `float32 [B, H, W, 3]`, normalized.
        variant: a key of `BLOCKS`.
        momentum: of the batch normalization's moving statistics.

    Returns:
        Five tensors, shallow to deep, at 1/2 to 1/32: the first convolution, the outputs of dense
        blocks 1 to 3, and block 4 after the last batch normalization.
    """

    def normalized(x, name):
        return BatchNormalization(epsilon=EPSILON, momentum=momentum, name=name)(x)

    x = SymmetricPadding(3, name="conv1_pad")(x)
    x = layers.Conv2D(64, 7, strides=2, use_bias=False, name="conv1_conv")(x)
    x = normalized(x, "conv1_bn")
    x = layers.Activation("relu", name="conv1_relu")(x)
    features = [x]
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)
    for number, repeats in enumerate(BLOCKS[variant], start=2):
        for repeat in range(1, repeats + 1):
            x = _dense_layer(x, normalized, f"conv{number}_block{repeat}")
        if number < 5:
            features.append(x)
            x = _transition(x, normalized, f"pool{number}")
    return [*features, normalized(x, "bn")]


def _dense_layer(x, normalized, prefix: str):
    y = normalized(x, f"{prefix}_0_bn")
    y = layers.Activation("relu", name=f"{prefix}_0_relu")(y)
    y = layers.Conv2D(4 * GROWTH, 1, use_bias=False, name=f"{prefix}_1_conv")(y)
    y = normalized(y, f"{prefix}_1_bn")
    y = layers.Activation("relu", name=f"{prefix}_1_relu")(y)
    y = SymmetricPadding(1, name=f"{prefix}_2_pad")(y)
    y = layers.Conv2D(GROWTH, 3, use_bias=False, name=f"{prefix}_2_conv")(y)
    return layers.Concatenate(name=f"{prefix}_concat")([x, y])


def _transition(x, normalized, prefix: str):
    x = normalized(x, f"{prefix}_bn")
    x = layers.Activation("relu", name=f"{prefix}_relu")(x)
    channels = int(x.shape[-1] * REDUCTION)
    x = layers.Conv2D(channels, 1, use_bias=False, name=f"{prefix}_conv")(x)
    return layers.AveragePooling2D(2, name=f"{prefix}_pool")(x)
