"""Checkpoints of models of the registry: `.keras` files as Keras writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras

from tfmatting.archives import open_archive
from tfmatting.config import Size
from tfmatting.errors import InputError, InputTypeError
from tfmatting.files import atomic_path
from tfmatting.models.matting_model import MattingModel, rebuilt
from tfmatting.models.metadata import CheckpointError, read_metadata


def save_model(model: Any, path: str | Path, **facts: Any) -> None:
    """Write a model of the registry, its optimizer state included, whole or not at all.

    `model.save(path)` writes the same file; this adds facts, and an interrupted write leaves the
    earlier file as it was.

    Args:
        model: from `build` or `load_model`.
        path: ends in `.keras`.
        **facts: further entries of the file's metadata, such as `epoch`; the model keeps its own.

    Raises:
        InputTypeError: another Keras model.

    Example:
        >>> import tfmatting
        >>> model = tfmatting.build("tnet", (64, 96), width=0.25)
        >>> tfmatting.save_model(model, "m.keras", epoch=3)
        >>> tfmatting.load_model("m.keras").metadata["epoch"]
        3
    """
    if not isinstance(model, MattingModel):
        raise InputTypeError(
            "A checkpoint is of a model from tfmatting.build or tfmatting.load_model. Received: "
            f"{type(model).__name__}."
        )
    own = model.metadata
    model.metadata = {**own, **facts}  # for the file alone
    try:
        with atomic_path(path) as temporary:
            model.save(temporary)
    finally:
        model.metadata = own


def load_model(
    path: str | Path, *, expect: str | None = None, input_size: Size | None = None
) -> MattingModel:
    """Rebuild a model from a checkpoint, uncompiled and with every layer free to learn.

    `keras.models.load_model(path)` opens the file as well, and restores what was compiled and
    frozen.

    Args:
        path: a `.keras` file of this or an earlier version.
        expect: the model's name, when only that one will do.
        input_size: (height, width) to rebuild at; the checkpoint's own when omitted.

    Returns:
        The model, as from `build`, with the file's `metadata`.

    Raises:
        MissingFileError: no such file.
        CheckpointError: not a checkpoint, another model than expected, or damaged weights.

    Example:
        >>> import tfmatting
        >>> tfmatting.build("tnet", (64, 96), width=0.25).save("m.keras")
        >>> tfmatting.load_model("m.keras", input_size=(96, 96)).input["image"].shape
        (None, 96, 96, 3)
    """
    metadata = read_metadata(path)
    name, options = metadata.pop("model"), metadata.pop("config")
    if expect and name != expect:
        raise CheckpointError(
            f"Asked for model {expect!r}. Received: {path}, a checkpoint of {name!r}. "
            f"Use --model {name}, or weights of {expect}."
        )
    if input_size:
        options["input_size"] = list(input_size)  # as a file has it
    try:
        model = rebuilt(name, options, metadata)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error
    except Exception as error:  # options that no network can be built of, whatever Keras says
        what = error if isinstance(error, InputError) else "its options make no network."
        raise CheckpointError(f"{path}: {what}") from error
    load_weights(model, path)
    return model


def load_weights(model: keras.Model, path: str | Path) -> None:
    """Set a model's weights (and its optimizer's, when compiled) from a checkpoint."""
    try:
        with open_archive(Path(path)):  # checks the sizes
            model.load_weights(path)
    except Exception as error:  # the kinds of Keras, h5py and zipfile have no common one
        what = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise CheckpointError(
            f"The weights in {path} do not fit the model {model.name!r}: {what}"
        ) from error
