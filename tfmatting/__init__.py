"""tfmatting: portrait matting with Keras, trained and exported in one place.

    >>> import tfmatting
    >>> predictor = tfmatting.load()         # `portrait`
    >>> alpha = predictor.alpha(image)       # uint8 RGB [H, W, 3] -> float32 [H, W] in [0, 1]

One call a job: `cutout`, `replace_background`, `matte_folder`, `matte_video`, `train`,
`evaluate`, `export`, `convert`. Importing the package imports neither TensorFlow nor a runtime;
names are looked up when used.
"""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING, Any

from tfmatting.keras_registration import register_when_keras_is_imported
from tfmatting.version import __version__

register_when_keras_is_imported()

if TYPE_CHECKING:
    from tfmatting.checkpoints.convert import convert
    from tfmatting.errors import TfmattingError
    from tfmatting.evaluation.evaluate import evaluate
    from tfmatting.exporting.export import export
    from tfmatting.inference.loading import load
    from tfmatting.inference.predictor import Predictor
    from tfmatting.models import MattingModel, build, load_model, save_model
    from tfmatting.photos.cutout import cutout, replace_background
    from tfmatting.photos.folder import matte_folder
    from tfmatting.training.train import train
    from tfmatting.video.matte import matte_video

_LAZY = {
    "MattingModel": "tfmatting.models",
    "Predictor": "tfmatting.inference.predictor",
    "TfmattingError": "tfmatting.errors",
    "build": "tfmatting.models",
    "convert": "tfmatting.checkpoints.convert",
    "cutout": "tfmatting.photos.cutout",
    "evaluate": "tfmatting.evaluation.evaluate",
    "export": "tfmatting.exporting.export",
    "load": "tfmatting.inference.loading",
    "load_model": "tfmatting.models",
    "matte_folder": "tfmatting.photos.folder",
    "matte_video": "tfmatting.video.matte",
    "replace_background": "tfmatting.photos.cutout",
    "save_model": "tfmatting.models",
    "train": "tfmatting.training.train",
}
_DEPRECATED = {"Matter": "Predictor"}

__all__ = [
    "MattingModel",
    "Predictor",
    "TfmattingError",
    "__version__",
    "build",
    "convert",
    "cutout",
    "evaluate",
    "export",
    "load",
    "load_model",
    "matte_folder",
    "matte_video",
    "replace_background",
    "save_model",
    "train",
]


def __getattr__(name: str) -> Any:
    if name in _DEPRECATED:
        new = _DEPRECATED[name]
        warnings.warn(f"tfmatting.{name} is now tfmatting.{new}.", DeprecationWarning, stacklevel=2)
        name = new
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'tfmatting' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
