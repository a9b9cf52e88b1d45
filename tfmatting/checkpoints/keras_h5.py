"""Legacy Keras `.h5` files, full models or weights alone, by layer name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfmatting.archives import EXPANSION, LARGEST, SMALL
from tfmatting.checkpoints.mismatch import refuse_mismatch
from tfmatting.errors import InputError, MissingFileError

Arrays = dict[str, np.ndarray]

NAMES = """
import contextlib, sys, h5py
def read(name, item):
    for key in ("layer_names", "weight_names"):
        with contextlib.suppress(Exception):
            item.attrs.get(key)
with h5py.File(sys.argv[1], "r") as file:
    read("", file)
    file.visititems(read)
"""
"""Read the lists of names: from a damaged heap, the HDF5 library reads them for ever."""

PROBE_SECONDS = 10


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
    _probe(path)
    try:
        with h5py.File(path, "r") as file:
            has_model = "model_weights" in file
            arrays = dict(_walk(_inside(file, "model_weights") if has_model else file))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except Exception as error:  # h5py's kinds have no common one
        what = (str(error).strip() or type(error).__name__).splitlines()[0][:160]
        raise InputError(f"Not an HDF5 file of weights: {path} ({what})") from error
    if not arrays:
        raise InputError(f"{path} holds no Keras weights: no group has `weight_names`.")
    return arrays


def _probe(path: Path) -> None:
    """Read the lists of names in a process of its own.

    Raises:
        InputError: it did not come to an end, or crashed.
    """
    import subprocess

    from tfmatting.child_python import run_python

    try:
        ended = run_python("-c", NAMES, str(path), timeout=PROBE_SECONDS).returncode >= 0
    except subprocess.TimeoutExpired:
        ended = False
    if not ended:
        raise InputError(f"The HDF5 file is damaged: {path}. Copy it again.")


def _walk(root):
    """Yield (layer/variable, array) from the lists of names that Keras writes."""
    for layer in (_text(name) for name in root.attrs.get("layer_names", ())):
        group = _inside(root, layer)
        for name in (_text(name) for name in group.attrs.get("weight_names", ())):
            variable = name.rsplit("/", 1)[-1].split(":")[0]
            yield f"{layer}/{variable}", _numbers(_inside(group, name))


def _inside(group: Any, name: str) -> Any:
    """Follow a path; a link into another file of this machine is refused.

    Raises:
        InputError: such a link.
        KeyError: nothing there.
    """
    import h5py

    for part in filter(None, name.split("/")):
        if isinstance(group.get(part, getlink=True), h5py.ExternalLink):
            raise InputError(f"{name[:80]!r} lies in another file. Weights lie in the file itself.")
        group = group[part]
    return group


def _numbers(dataset: Any) -> np.ndarray:
    """Read a data set, unless it is out of proportion to its bytes in the file.

    Raises:
        InputError: numbers from other files, none at all, or more than the file can hold.
    """
    if dataset.external or dataset.is_virtual:
        raise InputError(f"{dataset.name!r} lies in another file. Weights lie in the file itself.")
    if dataset.dtype.kind not in "fiu":
        raise InputError(f"{dataset.name!r} has no numbers: {dataset.dtype}.")
    allowed = min(LARGEST, max(SMALL, EXPANSION * dataset.id.get_storage_size()))
    if dataset.nbytes > allowed:
        raise InputError(
            f"{dataset.name!r} has at most {allowed:,} bytes. Received: {dataset.nbytes:,}."
        )
    return np.asarray(dataset)


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
        InputError: arrays that are missing, surplus or wrongly shaped; the model is left
            as it was.
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
    refuse_mismatch("The weights do", model.name, missing, surplus, wrong)
    for path, value in planned.items():
        variables[path].assign(value)
