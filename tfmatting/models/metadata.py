"""What a checkpoint says of itself, read without TensorFlow.

A `.keras` file is a zip archive. Its `config.json` has the model's name, options and metadata, as
`MattingModel.get_config` writes them. Earlier files have them in `tfmatting.json`.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from tfmatting.archives import ArchiveError, open_archive, read_member
from tfmatting.documents import JSONError, parse_json
from tfmatting.errors import InputError, MissingFileError
from tfmatting.version import __version__

CONFIG_FILE = "config.json"
EARLIER_FILE = "tfmatting.json"
REGISTERED_NAME = "tfmatting>MattingModel"


class CheckpointError(InputError):
    """The file is no checkpoint, or one of another model."""


LARGEST = 16_000_000
"""Bytes of the description of a model; layer by layer, as in earlier files, it has a million."""
LONGEST_VERSION = 64
LETTERBOX = "letterbox"
"""The fact that a model was trained on photos in their own proportions, with grey bars."""
RESIZING = "resizing"
"""How photos were resized in training."""


def read_metadata(path: str | Path) -> dict[str, Any]:
    """Read what a checkpoint says of itself.

    Args:
        path: a `.keras` file, written by Keras or by `save_model`.

    Returns:
        `model` (its name), `config` (its options), `version` (of tfmatting, that wrote it), and
        further facts, such as `epoch` and `stage`.

    Raises:
        MissingFileError: no such file.
        CheckpointError: not a checkpoint of this package.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingFileError(f"No checkpoint at {path}.")
    try:
        with open_archive(path) as archive:
            name = EARLIER_FILE if EARLIER_FILE in archive.namelist() else CONFIG_FILE
            document = parse_json(read_member(archive, name, LARGEST))
    except (ArchiveError, JSONError) as error:
        raise CheckpointError(
            f"A checkpoint is a .keras file of a tfmatting model. Received: {path}, which is not "
            f"one ({error}) Bring foreign weights in with `tfmatting convert`."
        ) from error
    if name == CONFIG_FILE:
        if not isinstance(document, dict) or document.get("registered_name") != REGISTERED_NAME:
            kind = document.get("class_name") if isinstance(document, dict) else document
            raise CheckpointError(
                f"A checkpoint is a .keras file of a tfmatting model. Received: {path}, a Keras "
                f"model of class {str(kind)[:80]!r}. Build a model with tfmatting.build, and set "
                "its weights."
            )
        document = _flattened(document.get("config"))
    if not _is_valid(document):
        raise CheckpointError(f"The description of the model in {path} is damaged. Copy it again.")
    return document


def _flattened(config: Any) -> Any:
    """What `MattingModel.get_config` wrote, as `read_metadata` gives it; None for other things."""
    if not isinstance(config, dict) or not isinstance(config.get("metadata"), dict):
        return None
    return {"model": config.get("name"), "config": config.get("options"), **config["metadata"]}


def _is_valid(document: Any) -> bool:
    """Whether facts have the types that the package writes; those that may be missing, too."""
    if not isinstance(document, dict):
        return False
    epoch, version = document.get("epoch", 0), document.get("version", "")
    return (
        isinstance(document.get("model"), str)
        and isinstance(document.get("config"), dict)
        and type(epoch) is int
        and isinstance(version, str)
        and len(version) <= LONGEST_VERSION
    )


def is_newer(version: str) -> bool:
    """Whether a version of tfmatting comes after this one."""
    return _numbers(version) > _numbers(__version__)


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers a version begins with: "1.2.0rc1" -> (1, 2)."""
    parts = itertools.takewhile(str.isdecimal, version.split("."))
    return tuple(int(part) for part in parts)
