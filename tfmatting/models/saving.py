"""Checkpoints that know what they hold.

A checkpoint is an ordinary `.keras` file with one more entry, `tfmatting.json`: the model's
name, its configuration and the version that wrote it. Loading rebuilds the network from the
registry and sets the weights, so no code from the file is ever run.
"""

from __future__ import annotations

import itertools
import json
import zipfile
from pathlib import Path
from typing import Any

from tfmatting.config import Size, to_dictionary
from tfmatting.errors import InputError, MissingFileError
from tfmatting.files import atomic_path
from tfmatting.models.registry import build
from tfmatting.version import __version__

METADATA_FILE = "tfmatting.json"


class CheckpointError(InputError):
    """The file is no checkpoint, or one of another model."""


def save_model(model, path: str | Path, **facts: Any) -> None:
    """Write a model of the registry, its optimizer state included, whole or not at all.

    Args:
        model: from `build` or `load_model`.
        path: ends in `.keras`.
        **facts: further entries of the metadata, such as `epoch`.
    """
    metadata = {
        "model": model.name,
        "config": to_dictionary(model.matting_config),
        "version": __version__,
        **facts,
    }
    with atomic_path(path) as temporary:
        model.save(temporary)
        with zipfile.ZipFile(temporary, "a") as archive:
            archive.writestr(METADATA_FILE, json.dumps(metadata, indent=2))


def read_metadata(path: str | Path) -> dict[str, Any]:
    """Read what a checkpoint says of itself: `model`, `config`, `version`.

    Raises:
        FileNotFoundError: no such file.
        CheckpointError: not a checkpoint of this package.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingFileError(f"No checkpoint at {path}.")
    try:
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read(METADATA_FILE))
    except (zipfile.BadZipFile, KeyError, json.JSONDecodeError) as error:
        raise CheckpointError(
            f"A checkpoint is a .keras file that tfmatting wrote. Received: {path}, which is "
            "not one. Bring foreign weights in with `tfmatting convert`."
        ) from error


def load_model(path: str | Path, *, expect: str | None = None, input_size: Size | None = None):
    """Rebuild a model from a checkpoint.

    Args:
        path: a `.keras` file.
        expect: the model's name, when only that one will do.
        input_size: (height, width) to rebuild at; the checkpoint's own when omitted.

    Returns:
        The `keras.Model`, as from `build`.

    Raises:
        FileNotFoundError: no such file.
        CheckpointError: not a checkpoint, another model than expected, or damaged weights.
    """
    metadata = read_metadata(path)
    if expect and metadata["model"] != expect:
        raise CheckpointError(
            f"Asked for model {expect!r}. Received: {path}, a checkpoint of {metadata['model']!r}. "
            f"Use --model {metadata['model']}, or weights of {expect}."
        )
    config = {key: _tupled(value) for key, value in metadata["config"].items()}
    if input_size:
        config["input_size"] = input_size
    try:
        model = build(metadata["model"], **config)
    except ValueError as error:
        if _numbers(metadata["version"]) > _numbers(__version__):
            raise CheckpointError(
                f"{path} was written by tfmatting {metadata['version']}; this is {__version__} and "
                f"does not know all of it ({error}) Update tfmatting."
            ) from error
        raise
    load_weights(model, path)
    return model


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers a version begins with: "1.2.0rc1" -> (1, 2)."""
    parts = itertools.takewhile(str.isdigit, version.split("."))
    return tuple(int(part) for part in parts)


def load_weights(model, path: str | Path) -> None:
    """Set a model's weights (and its optimizer's, when compiled) from a checkpoint."""
    try:
        model.load_weights(path)
    except (ValueError, KeyError, OSError) as error:
        raise CheckpointError(
            f"The weights in {path} do not fit the model {model.name!r}: "
            f"{str(error).splitlines()[0]}"
        ) from error


def _tupled(value: Any) -> Any:
    return tuple(_tupled(item) for item in value) if isinstance(value, list) else value
