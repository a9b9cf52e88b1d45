"""Finding a model: a file, or one that ships in the package."""

from __future__ import annotations

from pathlib import Path

from tfmatting.config import Size
from tfmatting.errors import MissingFileError
from tfmatting.inference.extreme_shapes import LONGEST
from tfmatting.inference.predictor import Predictor
from tfmatting.inference.pretrained import (
    DEFAULT,
    OF_FILMS,
    OF_PHOTOS,
    PRETRAINED,
    SHIPPED,
    PretrainedModel,
)
from tfmatting.inference.runtimes import MirroredRuntime, Runtime, open_runtime

__all__ = ["DEFAULT", "OF_FILMS", "OF_PHOTOS", "SHIPPED", "find_model", "load", "open_network"]


def load(
    model: str | Path = DEFAULT,
    *,
    refine: bool = True,
    threads: int | None = None,
    delegate: str | Path | None = None,
    mirrored: bool = False,
) -> Predictor:
    """Load a model for use.

    Args:
        model: a `.keras`, `.tflite`, `.onnx` or `.pb` file, a SavedModel folder, or the name of a
            model that ships in the package ("portrait").
        refine: see `Predictor`.
        threads: of the processor; all of them when omitted.
        delegate: a library that runs `.tflite` files on an accelerator, by its name
            ("libedgetpu.so.1") or its path. What it does not take runs on the processor.
        mirrored: also show the network the mirrored picture, and take the mean of both: fewer
            errors, in twice the time.

    Returns:
        A `Predictor`: `predictor.alpha(image)` maps uint8 RGB [H, W, 3] to float32 [H, W] in
        [0, 1], 1 = person.

    Raises:
        MissingFileError: neither a file nor a shipped model; the shipped ones are listed.
        InputError: a file that is no matting model, or a delegate that cannot be loaded.
        MissingExtraError: the runtime's package is missing; the extra is named.

    Example:
        >>> import tfmatting
        >>> from skimage import data
        >>> predictor = tfmatting.load("portrait_lite")
        >>> predictor.alpha(data.astronaut()).shape
        (512, 512)
    """
    shipped = _shipped(model)
    widest = shipped.widest if shipped else LONGEST
    runtime = open_network(model, threads, delegate=delegate, mirrored=mirrored)
    return Predictor(runtime, refine=refine, widest=widest)


def open_network(
    model: str | Path,
    threads: int | None = None,
    input_size: Size | None = None,
    delegate: str | Path | None = None,
    *,
    mirrored: bool = False,
) -> Runtime:
    """Load the network of a model, without what `Predictor` adds.

    Args:
        model, threads, delegate, mirrored: see `load`.
        input_size: see `open_runtime`.

    Raises:
        MissingFileError, InputError, MissingExtraError: see `load`.
    """
    runtime = open_runtime(find_model(model), threads, input_size, delegate)
    return MirroredRuntime(runtime) if mirrored else runtime


def find_model(model: str | Path) -> Path:
    """The file of a model given as a file or by the name of one that ships.

    Raises:
        MissingFileError: neither; the shipped ones are listed.
    """
    shipped = _shipped(model)
    if shipped:
        return shipped.file
    path = Path(model)
    if not path.exists():
        raise MissingFileError(
            f"No model at {model}. Give a file, or a model that ships: {', '.join(PRETRAINED)}."
        )
    return path


def _shipped(model: str | Path) -> PretrainedModel | None:
    return PRETRAINED.get(model) if isinstance(model, str) else None
