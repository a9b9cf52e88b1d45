"""Converts weights of other frameworks to models of this package.

TensorFlow is imported by the call, once its arguments have been looked at.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tfmatting.config import Size
from tfmatting.errors import InputError, MissingFileError
from tfmatting.models.spec import find
from tfmatting.tensorflow_setup import import_tensorflow

if TYPE_CHECKING:
    from tfmatting.models.matting_model import MattingModel

SUFFIX = ".keras"
ORIGINAL = {"deeplab_v3": "unit", "deeplab_v3_plus": "unit"}
"""What the original's own code does, where it is not the model's default here."""


def convert(
    checkpoint: str | Path,
    model: str,
    output: str | Path | None = None,
    *,
    input_size: Size | None = None,
    classes: int | None = None,
    normalization: str | None = None,
) -> MattingModel:
    """Build the original form of a model and set its weights from another framework's file.

    Args:
        checkpoint: PyTorch `.pth` or `.ckpt`, Keras `.h5`, or MODNet's `.onnx`.
        model: a name of the registry ("tnet").
        output: where to write the model as a `.keras` file; nowhere when omitted.
        input_size: (height, width); the model's default when omitted.
        classes: for segmenters, a new classifier of so many classes, to be trained.
        normalization: what the file's network was trained to see: "unit" (pixels / 255),
            "symmetric" (-1 to 1) or "imagenet" (torchvision's own weights). When omitted, that of
            the code that the model comes from: "unit" for both DeepLabs.

    Returns:
        The model, in the form that the file's weights have.

    Raises:
        MissingFileError: no such checkpoint.
        MissingExtraError: PyTorch is needed to read the file.
        InputError: weights that do not fit (all are listed), another suffix than `.keras`, or an
            unknown normalization.

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
    import_tensorflow()
    from tfmatting.checkpoints.importers import IMPORTERS
    from tfmatting.models.matting_model import build
    from tfmatting.models.saving import save_model
    from tfmatting.models.variants import with_new_classifier

    pixels = _pixels(model, normalization)
    result = IMPORTERS[model](build(model, input_size, **pixels), checkpoint)
    if classes:
        result = with_new_classifier(result, classes)
    if output is not None:
        save_model(result, output)
    return result


def _pixels(model: str, normalization: str | None) -> dict[str, tuple[float, float, float]]:
    """The options that make a model see pixels as the file's network does."""
    from tfmatting.layers import NORMALIZATIONS
    from tfmatting.models.registry import validated_config

    name = normalization or ORIGINAL.get(model)
    if name is None:
        return {}
    if name not in NORMALIZATIONS:
        raise InputError(
            f"A normalization is one of {', '.join(NORMALIZATIONS)}. Received: {name!r}."
        )
    if not isinstance(getattr(validated_config(model), "scale", None), tuple):
        raise InputError(f"{model} has the normalization of its original. Leave it out.")
    mean, scale = NORMALIZATIONS[name]
    return {"mean": mean, "scale": scale}
