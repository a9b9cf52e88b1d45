"""Finding a model: a file, or one that ships in the package."""

from __future__ import annotations

from pathlib import Path

from tfmatting.errors import MissingFileError
from tfmatting.inference.extreme_shapes import LONGEST
from tfmatting.inference.predictor import Predictor
from tfmatting.inference.pretrained import DEFAULT, PRETRAINED, SHIPPED
from tfmatting.inference.runtimes import open_runtime

__all__ = ["DEFAULT", "SHIPPED", "find_model", "load"]


def load(
    model: str | Path = DEFAULT,
    *,
    refine: bool = True,
    threads: int | None = None,
    delegate: str | Path | None = None,
) -> Predictor:
    """Load a model for use.

    Args:
        model: a `.keras`, `.tflite`, `.onnx` or `.pb` file, a SavedModel folder, or the name of a
            model that ships in the package ("portrait").
        refine: see `Predictor`.
        threads: of the processor; all of them when omitted.
        delegate: a library that runs `.tflite` files on an accelerator, by its name
            ("libedgetpu.so.1") or its path. What it does not take runs on the processor.

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
    widest = LONGEST
    if isinstance(model, str) and model in PRETRAINED:
        widest = PRETRAINED[model].widest
    runtime = open_runtime(find_model(model), threads, delegate=delegate)
    return Predictor(runtime, refine=refine, widest=widest)


def find_model(model: str | Path) -> Path:
    """The file of a model given as a file or by the name of one that ships.

    Raises:
        MissingFileError: neither; the shipped ones are listed.
    """
    if isinstance(model, str) and model in PRETRAINED:
        return PRETRAINED[model].file
    path = Path(model)
    if not path.exists():
        raise MissingFileError(
            f"No model at {model}. Give a file, or a model that ships: {', '.join(PRETRAINED)}."
        )
    return path
