"""PyTorch state dictionaries into Keras layers."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfmatting.archives import open_archive
from tfmatting.checkpoints.mismatch import refuse_mismatch, shortened
from tfmatting.errors import InputError, MissingExtraError, MissingFileError

AVERAGES = ("state_dict_ema", "model_ema", "params_ema", "ema")
WRAPPERS = (
    *AVERAGES,
    *("state_dict", "model_state_dict", "model_state", "model", "params", "network", "net"),
)
"""Keys that training scripts put around the weights; an average of them goes before the last."""
PREFIXES = ("module.", "model.", "net.", "_orig_mod.")
"""Of DataParallel, Lightning and torch.compile, in any order."""
MOST_WRAPPERS = 8
"""A dictionary may hold itself."""
IGNORED = ("num_batches_tracked", "n_averaged")


def read_state_dict(path: str | Path, wrapper: str | None = None) -> dict[str, np.ndarray]:
    """Read the tensors of a `.pth` or `.ckpt` file; code in it is never run.

    Args:
        path: the file.
        wrapper: a further key under which the model's own training script keeps the weights.

    Returns:
        Name -> array, half precision as float32, without the prefixes of wrappers that all names
        have, and without counters. Where a file has averaged weights (EMA) too, they are taken.

    Raises:
        MissingExtraError: PyTorch is missing.
        MissingFileError, InputError: no such file, or no state dictionary.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingFileError(f"No checkpoint at {path}.")
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError(
            "Reading PyTorch checkpoints needs PyTorch. Run `pip install 'tfmatting[torch]'`."
        ) from error
    try:
        if zipfile.is_zipfile(path):
            with open_archive(path):  # checks the sizes
                pass
        with warnings.catch_warnings():
            # about an unusual pickle protocol, or an unusual tensor; what is no file of weights
            # is refused below
            warnings.simplefilter("ignore")
            document = torch.load(path, map_location="cpu", weights_only=True)
    except InputError:
        raise
    except Exception as error:  # the unpickler's kinds have no common one
        raise InputError(
            f"Not a PyTorch checkpoint of plain tensors: {path}. It is damaged, or holds other "
            "objects, which could run code. Save `model.state_dict()` with torch.save."
        ) from error
    tensors = _unwrap(document, wrapper)
    if not tensors:
        raise InputError(
            f"{path} holds no state dictionary of tensors. Its keys: {listed(document)}."
        )
    arrays = {
        name: _array(path, name, tensor)
        for name, tensor in tensors.items()
        if not name.endswith(IGNORED)
    }
    return _without_prefixes(arrays)


def _array(path: Path, name: str, tensor: Any) -> np.ndarray:
    """A tensor's numbers; one that repeats few numbers without end is refused."""
    try:
        stored = tensor.untyped_storage().nbytes()
        if tensor.numel() * tensor.element_size() <= stored:
            return (tensor.float() if tensor.is_floating_point() else tensor).detach().numpy()
    except (RuntimeError, TypeError, NotImplementedError, AttributeError):
        pass  # sparse, quantized, without data
    raise InputError(f"Weights are plain tensors. Received: {path}, where {name[:80]} is none.")


def listed(document: Any, most: int = 12) -> str:
    """The first keys of a dictionary, for an error."""
    if not isinstance(document, Mapping):
        return f"none, it is a {type(document).__name__}"
    return shortened([str(key) for key in document], most)


def _unwrap(document: Any, wrapper: str | None) -> Mapping[str, Any]:
    """Descend through the keys that training scripts put around a state dictionary."""
    for _ in range(MOST_WRAPPERS):
        if not isinstance(document, Mapping):
            break
        inner = (document.get(key) for key in (wrapper, *WRAPPERS))
        found = next((value for value in inner if isinstance(value, Mapping) and value), None)
        if found is None:
            break
        document = found
    if not isinstance(document, Mapping):
        return {}
    return {
        name: value
        for name, value in document.items()
        if isinstance(name, str) and hasattr(value, "detach")
    }


def _without_prefixes(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    while arrays:
        prefix = next((p for p in PREFIXES if all(name.startswith(p) for name in arrays)), None)
        if prefix is None:
            break
        arrays = {name[len(prefix) :]: array for name, array in arrays.items()}
    return arrays


def assign(model: keras.Model, state: Mapping[str, np.ndarray], names: Mapping[str, str]) -> None:
    """Set a model's weights.

    Args:
        model: the Keras model.
        state: PyTorch name -> array.
        names: Keras layer -> PyTorch module.

    Raises:
        InputError: tensors that are missing, surplus or wrongly shaped; the model is left as it
            was.
    """
    planned, missing, wrong, used = [], [], [], set()
    for layer_name, module in names.items():
        layer = model.get_layer(layer_name)
        for variable, suffix, order in _parts(layer):
            name = f"{module}.{suffix}"
            if name not in state:
                missing.append(name)
                continue
            used.add(name)
            value = state[name] if order is None else state[name].transpose(order)
            if value.shape != tuple(variable.shape):
                wrong.append(f"{name} {state[name].shape} for {layer_name} {variable.shape}")
            else:
                planned.append((variable, value))
    surplus = sorted(set(state) - used)
    refuse_mismatch("The state dictionary does", model.name, missing, surplus, wrong)
    for variable, value in planned:
        variable.assign(value)


def _parts(layer: keras.layers.Layer):
    """(variable, PyTorch suffix, axis order) of a layer's weights."""
    if isinstance(layer, keras.layers.BatchNormalization):
        yield layer.gamma, "weight", None
        yield layer.beta, "bias", None
        yield layer.moving_mean, "running_mean", None
        yield layer.moving_variance, "running_var", None
        return
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        yield layer.kernel, "weight", (2, 3, 0, 1)
    else:  # a transposed convolution's too: both keep its channels in the same places
        yield layer.kernel, "weight", (2, 3, 1, 0)
    if layer.use_bias:
        yield layer.bias, "bias", None
