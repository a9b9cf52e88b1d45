"""What a checkpoint says of itself, read without TensorFlow.

A `.keras` file is a zip archive. Its `config.json` has the model's name, options and metadata, as
`MattingModel.get_config` writes them. Earlier files have them in `tfmatting.json`.
"""

from __future__ import annotations

import itertools
import json
import zipfile
from pathlib import Path
from typing import Any

from tfmatting.errors import InputError, MissingFileError
from tfmatting.version import __version__

CONFIG_FILE = "config.json"
EARLIER_FILE = "tfmatting.json"
REGISTERED_NAME = "tfmatting>MattingModel"


class CheckpointError(InputError):
    """The file is no checkpoint, or one of another model."""


LETTERBOX = "letterbox"
"""The fact that a model was trained on photos in their own proportions, with grey bars."""


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
        with zipfile.ZipFile(path) as archive:
            if EARLIER_FILE in archive.namelist():
                return json.loads(archive.read(EARLIER_FILE))
            document = json.loads(archive.read(CONFIG_FILE))
    except (zipfile.BadZipFile, KeyError, json.JSONDecodeError) as error:
        raise CheckpointError(
            f"A checkpoint is a .keras file of a tfmatting model. Received: {path}, which is not "
            "one. Bring foreign weights in with `tfmatting convert`."
        ) from error
    if document.get("registered_name") != REGISTERED_NAME:
        raise CheckpointError(
            f"A checkpoint is a .keras file of a tfmatting model. Received: {path}, a Keras model "
            f"of class {document.get('class_name')!r}. Build a model with tfmatting.build, and set "
            "its weights."
        )
    config = document["config"]
    return {"model": config["name"], "config": config["options"], **config["metadata"]}


def is_newer(version: str) -> bool:
    """Whether a version of tfmatting comes after this one."""
    return _numbers(version) > _numbers(__version__)


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers a version begins with: "1.2.0rc1" -> (1, 2)."""
    parts = itertools.takewhile(str.isdigit, version.split("."))
    return tuple(int(part) for part in parts)
