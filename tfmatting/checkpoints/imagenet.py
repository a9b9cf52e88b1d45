"""Loads ImageNet weights into an encoder, whatever the model's own normalisation."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np

from tfmatting.backbones.densenet import BLOCKS as DENSENET_BLOCKS
from tfmatting.backbones.densenet import EPSILON as DENSENET_EPSILON
from tfmatting.backbones.efficientnet_lite import SCALES
from tfmatting.backbones.mobilenet_v3 import BLOCKS as MOBILE_BLOCKS
from tfmatting.backbones.resnet import BLOCKS as RESNET_BLOCKS
from tfmatting.checkpoints.backbone_sources import read_backbone
from tfmatting.checkpoints.mismatch import shortened
from tfmatting.errors import InputError
from tfmatting.layers import NORMALIZATIONS


@dataclass(frozen=True)
class Stem:
    """The first layers of an encoder and the pixels they were trained with.

    Attributes:
        convolution, normalization: layer names.
        mean, scale: (pixel - mean) / scale of red, green and blue, in 0..255.
        epsilon: of the network's batch normalisations.
    """

    convolution: str
    normalization: str
    mean: tuple[float, float, float] = NORMALIZATIONS["symmetric"][0]
    scale: tuple[float, float, float] = NORMALIZATIONS["symmetric"][1]
    epsilon: float = 1e-3


STEMS = {
    "mobilenet_v2": Stem("Conv1", "bn_Conv1"),
    "mobilenet_v1": Stem("conv1", "conv1_bn"),
    **{
        name: Stem("stem", "stem_BN", (127.0, 127.0, 127.0), (128.0, 128.0, 128.0))
        for name in SCALES
    },
    **{
        name: Stem("conv1_conv", "conv1_bn", *NORMALIZATIONS["imagenet"], DENSENET_EPSILON)
        for name in DENSENET_BLOCKS
    },
    **{name: Stem("conv1", "bn1", *NORMALIZATIONS["imagenet"], 1e-5) for name in RESNET_BLOCKS},
    **{name: Stem("stem", "stem_BN", *NORMALIZATIONS["imagenet"]) for name in MOBILE_BLOCKS},
}


def load_backbone_weights(
    model: keras.Model,
    source: str,
    *,
    encoder: str,
    width: float,
    normalization: keras.layers.Layer,
) -> int:
    """Set an encoder's weights by layer name.

    Where the model normalises pixels otherwise than the weights' own network, the stem is
    rewritten to give the same numbers (exact but for the outermost pixels, where zero padding
    means another colour); an expansion layer that the weights lack becomes the identity. The
    weights may go on beyond the layers that the model uses.

    Args:
        model: a model whose encoder layers have keras.applications' names.
        source: "none", or one of `backbone_sources.read_backbone`.
        encoder: a name of `STEMS`.
        width: the encoder's width multiplier.
        normalization: the model's `FixedPointwise` normalisation layer.

    Returns:
        The number of arrays set.

    Raises:
        InputError: a missing or wrongly shaped array.
        UnavailableWeightsError, MissingExtraError: "imagenet", and no way to have them.
        OSError: the file cannot be read.
    """
    if source == "none":
        return 0
    arrays = read_backbone(source, encoder, width)
    variables = {variable.path: variable for variable in model.variables}
    ours = {path for path in variables if path in arrays}
    encoder_layers = {path.split("/")[0] for path in arrays}
    surplus = _left_out(list(arrays), ours)
    wrong = [
        f"{path} {arrays[path].shape} for {tuple(variables[path].shape)}"
        for path in sorted(ours)
        if arrays[path].shape != tuple(variables[path].shape)
    ]
    if wrong or surplus or not ours:
        raise InputError(
            f"The backbone weights {source!r} do not fit encoder {encoder!r} of width {width}: "
            f"{len(ours)} arrays match; wrong shape: {shortened(wrong) or 'none'}; not in the "
            f"model: {shortened(surplus) or 'none'}. Use weights of the same encoder and width, or "
            "--backbone-weights none."
        )
    arrays = _fit_stem(dict(arrays), encoder, normalization)
    for path in ours:
        value = arrays[path]
        if path.endswith("/moving_variance"):
            layer = model.get_layer(path.split("/")[0])
            value = value + (STEMS[encoder].epsilon - layer.epsilon)
        variables[path].assign(value)
    if "expanded_conv_expand/kernel" in variables and "expanded_conv_expand" not in encoder_layers:
        kernel = variables["expanded_conv_expand/kernel"]
        kernel.assign(np.eye(kernel.shape[2], kernel.shape[3], dtype=np.float32)[None, None])
    return len(ours)


def _fit_stem(arrays: dict, encoder: str, normalization) -> dict:
    """Rewrite the first convolution for the model's own normalisation."""
    stem = STEMS[encoder]
    matrix = np.asarray(normalization.matrix)
    offset = np.asarray(normalization.offset)
    # pixel = (z - offset) @ inverse, and the weights want (pixel - mean) / scale
    wanted = np.linalg.inv(matrix) / np.asarray(stem.scale)
    kernel = arrays[f"{stem.convolution}/kernel"]
    arrays[f"{stem.convolution}/kernel"] = np.einsum("zc,hwco->hwzo", wanted, kernel)
    shift = -offset @ wanted - np.asarray(stem.mean) / np.asarray(stem.scale)
    mean = arrays[f"{stem.normalization}/moving_mean"]
    arrays[f"{stem.normalization}/moving_mean"] = mean - np.einsum("c,hwco->o", shift, kernel)
    return arrays


def _left_out(names: list[str], used: set[str]) -> list[str]:
    """Arrays that the model lacks, up to the last one that it has."""
    last = max((index for index, name in enumerate(names) if name in used), default=-1)
    return [name for name in names[: last + 1] if name not in used]
