"""Finding a model: a file, or one that ships in the package."""

from __future__ import annotations

from pathlib import Path

from tfmatting.errors import MissingFileError
from tfmatting.inference.predictor import Predictor
from tfmatting.inference.runtimes import open_runtime

SHIPPED = Path(__file__).parent.parent / "shipped"
DEFAULT = "portrait"


def shipped_models() -> dict[str, Path]:
    """Names and files of the models in the package."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.tflite"))}


def load(
    model: str | Path = DEFAULT, *, refine: bool = True, threads: int | None = None
) -> Predictor:
    """Load a model for use.

    Args:
        model: a `.keras` or `.tflite` file, a SavedModel folder, or the name of a model that
            ships in the package ("portrait").
        refine: see `Predictor`.
        threads: of the processor; all of them when omitted.

    Returns:
        A `Predictor`: `predictor.alpha(image)` maps uint8 RGB [H, W, 3] to float32 [H, W].

    Raises:
        FileNotFoundError: neither a file nor a shipped model; the shipped ones are listed.
        ValueError: a file that is no matting model.
        ImportError: the runtime's package is missing; the extra is named.
    """
    return Predictor(open_runtime(find_model(model), threads), refine=refine)


def find_model(model: str | Path) -> Path:
    """The file of a model given as a file or by the name of one that ships.

    Raises:
        FileNotFoundError: neither; the shipped ones are listed.
    """
    shipped = shipped_models()
    if isinstance(model, str) and model in shipped:
        return shipped[model]
    path = Path(model)
    if not path.exists():
        raise MissingFileError(
            f"No model at {model}. Give a file, or a model that ships: "
            f"{', '.join(shipped) or 'none'}."
        )
    return path
