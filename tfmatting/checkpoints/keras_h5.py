"""Legacy Keras `.h5` files, full models or weights alone, by layer name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np

from tfmatting.errors import InputError, MissingFileError

Arrays = dict[str, np.ndarray]


def read_h5(path: str | Path) -> Arrays:
    """Read the weights of a Keras 1 or 2 `.h5` file.

    Returns:
        `layer/variable` -> array; layers are the file's own, whose names may hold slashes.

    Raises:
        MissingFileError, InputError: no such file, or not one of Keras' weights.
    """
    import h5py  # comes with Keras

    path = Path(path)
    if not path.is_file():
        raise MissingFileError(f"No checkpoint at {path}.")
    try:
        with h5py.File(path, "r") as file:
            root = file.get("model_weights", file)
            arrays = dict(_walk(root))
    except OSError as error:
        raise InputError(f"Not an HDF5 file: {path} ({str(error).splitlines()[0]})") from error
    if not arrays:
        raise InputError(f"{path} holds no Keras weights: no group has `weight_names`.")
    return arrays


def _walk(root):
    """Yield (layer/variable, array) from the lists of names that Keras writes."""
    for layer in (_text(name) for name in root.attrs.get("layer_names", ())):
        group = root[layer]
        for name in (_text(name) for name in group.attrs.get("weight_names", ())):
            variable = name.rsplit("/", 1)[-1].split(":")[0]
            yield f"{layer}/{variable}", np.asarray(group[name])


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name


def assign_by_name(
    model: keras.Model,
    arrays: Mapping[str, np.ndarray],
    renamed: Mapping[str, str] | None = None,
    *,
    absent: str | None = None,
) -> None:
    """Set a model's weights.

    Args:
        model: the model.
        arrays: `layer/variable` -> array.
        renamed: the file's layer name -> the model's, where they differ.
        absent: prefix of layers that the file need not have; they keep their weights.

    Raises:
        InputError: arrays that are missing, surplus or wrongly shaped; all are named, and the
            model is left as it was.
    """
    variables = {variable.path: variable for variable in model.variables}
    planned = {}
    for path, value in arrays.items():
        layer, variable = path.rsplit("/", 1)
        planned[f"{(renamed or {}).get(layer, layer)}/{variable}"] = value
    missing = sorted(
        path
        for path in set(variables) - set(planned)
        if absent is None or not path.startswith(absent)
    )
    surplus = sorted(set(planned) - set(variables))
    wrong = [
        f"{path} {planned[path].shape} for {tuple(variables[path].shape)}"
        for path in variables
        if path in planned and planned[path].shape != tuple(variables[path].shape)
    ]
    if missing or surplus or wrong:
        parts = [
            f"{len(found)} {kind}: {', '.join(found[:6])}{', ...' if len(found) > 6 else ''}"
            for kind, found in (
                ("missing", missing),
                ("surplus", surplus),
                ("wrongly shaped", wrong),
            )
            if found
        ]
        raise InputError(f"The weights do not fit {model.name!r}. {'; '.join(parts)}.")
    for path, value in planned.items():
        variables[path].assign(value)
