"""ImageNet weights into an encoder: from keras.applications, from a file, or none."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np

IMAGENET_EPSILON = 1e-3
"""Batch-norm epsilon of keras.applications' MobileNets."""
STEMS = {"mobilenet_v2": ("Conv1", "bn_Conv1"), "mobilenet_v1": ("conv1", "conv1_bn")}


def load_backbone_weights(
    model: keras.Model,
    source: str,
    *,
    encoder: str,
    width: float,
    normalization: keras.layers.Layer,
) -> int:
    """Set an encoder's weights by layer name.

    The weights expect RGB in [-1, 1]. Where the model normalises otherwise, the stem is
    rewritten to give the same numbers (exact but for the outermost pixels, where zero padding
    means another colour); an expansion layer that the weights lack becomes the identity.

    Args:
        model: a model whose encoder layers have keras.applications' names.
        source: "imagenet" (downloaded by keras.applications), "none", or a `.npz` file of
            arrays named `layer/variable`.
        encoder: "mobilenet_v2" or "mobilenet_v1".
        width: the encoder's width multiplier.
        normalization: the model's `FixedPointwise` normalisation layer.

    Returns:
        The number of arrays set.

    Raises:
        ValueError: a missing or wrongly shaped array, or no network to download from.
        OSError: the file cannot be read.
    """
    if source == "none":
        return 0
    arrays = download_imagenet(encoder, width) if source == "imagenet" else read_npz(source)
    variables = {variable.path: variable for variable in model.variables}
    ours = {path for path in variables if path in arrays}
    encoder_layers = {path.split("/")[0] for path in arrays}
    surplus = sorted(set(arrays) - ours - _unused_by_decoders(arrays))
    wrong = [
        f"{path} {arrays[path].shape} for {tuple(variables[path].shape)}"
        for path in sorted(ours)
        if arrays[path].shape != tuple(variables[path].shape)
    ]
    if wrong or surplus or not ours:
        raise ValueError(
            f"The backbone weights {source!r} do not fit encoder {encoder!r} of width {width}: "
            f"{len(ours)} arrays match; wrong shape: {_first(wrong)}; not in the model: "
            f"{_first(surplus)}. Use weights of the same encoder and width, or "
            "--backbone-weights none."
        )
    arrays = _fit_stem(dict(arrays), encoder, normalization)
    for path in ours:
        value = arrays[path]
        if path.endswith("/moving_variance"):
            layer = model.get_layer(path.split("/")[0])
            value = value + (IMAGENET_EPSILON - layer.epsilon)
        variables[path].assign(value)
    if "expanded_conv_expand/kernel" in variables and "expanded_conv_expand" not in encoder_layers:
        kernel = variables["expanded_conv_expand/kernel"]
        kernel.assign(np.eye(kernel.shape[2], kernel.shape[3], dtype=np.float32)[None, None])
    return len(ours)


def download_imagenet(encoder: str, width: float) -> dict[str, np.ndarray]:
    """Fetch an encoder's ImageNet weights through keras.applications."""
    applications = {
        "mobilenet_v1": keras.applications.MobileNet,
        "mobilenet_v2": keras.applications.MobileNetV2,
    }
    try:
        network = applications[encoder](
            input_shape=(224, 224, 3), alpha=width, include_top=False, weights="imagenet"
        )
    except Exception as error:  # keras raises a bare Exception when the network is closed
        raise ValueError(
            f"ImageNet weights of {encoder} (width {width}) could not be fetched: "
            f"{str(error).splitlines()[0]}. Give --backbone-weights FILE.npz, or none to start "
            "from random weights."
        ) from error
    return {variable.path: np.asarray(variable) for variable in network.variables}


def read_npz(path: str) -> Mapping[str, np.ndarray]:
    """Read arrays named `layer/variable`."""
    if not Path(path).is_file():
        raise FileNotFoundError(
            f"No backbone weights at {path}. Give a .npz file, imagenet, or none."
        )
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (ValueError, zipfile.BadZipFile, AttributeError, EOFError) as error:
        raise ValueError(
            f"Backbone weights must be a .npz of arrays named layer/variable. Received: {path} "
            f"({type(error).__name__})."
        ) from error


def _fit_stem(arrays: dict, encoder: str, normalization) -> dict:
    """Rewrite the first convolution for the model's own normalisation."""
    convolution, batch_norm = STEMS[encoder]
    matrix = np.asarray(normalization.matrix)
    offset = np.asarray(normalization.offset)
    # pixel = (z - offset) @ inverse, and the weights want pixel / 127.5 - 1
    inverse = np.linalg.inv(matrix)
    kernel = arrays[f"{convolution}/kernel"]
    arrays[f"{convolution}/kernel"] = np.einsum("zc,hwco->hwzo", inverse / 127.5, kernel)
    shift = (-offset @ inverse) / 127.5 - 1
    mean = arrays[f"{batch_norm}/moving_mean"]
    arrays[f"{batch_norm}/moving_mean"] = mean - np.einsum("c,hwco->o", shift, kernel)
    return arrays


def _unused_by_decoders(arrays: Mapping) -> set[str]:
    """The classifier's last 1x1 convolution, which no decoder here builds upon."""
    return {path for path in arrays if path.split("/")[0] in ("Conv_1", "Conv_1_bn")}


def _first(names: list[str]) -> str:
    return ", ".join(names[:4]) + (", ..." if len(names) > 4 else "") if names else "none"
