"""Converts weights of other frameworks to models of this package."""

from __future__ import annotations

from pathlib import Path

from tfmatting.checkpoints.importers import IMPORTERS
from tfmatting.config import Size
from tfmatting.errors import InputError, MissingFileError
from tfmatting.models.matting_model import MattingModel, build
from tfmatting.models.saving import save_model
from tfmatting.models.spec import find
from tfmatting.models.variants import with_new_classifier

SUFFIX = ".keras"


def convert(
    checkpoint: str | Path,
    model: str,
    output: str | Path | None = None,
    *,
    input_size: Size | None = None,
    classes: int | None = None,
) -> MattingModel:
    """Build the original form of a model and set its weights from another framework's file.

    Args:
        checkpoint: PyTorch `.pth` or `.ckpt`, or Keras `.h5`.
        model: a name of the registry ("tnet").
        output: where to write the model as a `.keras` file; nowhere when omitted.
        input_size: (height, width); the model's default when omitted.
        classes: for segmenters, a new classifier of so many classes, to be trained.

    Returns:
        The model, in the form that the file's weights have.

    Raises:
        MissingFileError: no such checkpoint.
        MissingExtraError: PyTorch is needed to read the file.
        InputError: weights that do not fit (all are listed), or another suffix than `.keras`.

    Example:
        >>> import tfmatting
        >>> from tfmatting.errors import MissingFileError
        >>> try:
        ...     tfmatting.convert("tnet.pth", "tnet", "tnet.keras")
        ... except MissingFileError as error:
        ...     print(error)
        No checkpoint at tnet.pth.
    """
    find(model)
    if output is not None and Path(output).suffix != SUFFIX:
        raise InputError(f"A checkpoint's name ends in {SUFFIX}. Received: {output}.")
    if not Path(checkpoint).is_file():
        raise MissingFileError(f"No checkpoint at {checkpoint}.")
    result = IMPORTERS[model](build(model, input_size), checkpoint)
    if classes:
        result = with_new_classifier(result, classes)
    if output is not None:
        save_model(result, output)
    return result
