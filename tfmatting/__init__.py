"""tfmatting: portrait matting with Keras, trained and exported in one place.

    >>> import tfmatting
    >>> predictor = tfmatting.load()            # the model that ships
    >>> alpha = predictor.alpha(image)          # uint8 RGB [H, W, 3] -> float32 [H, W] in [0, 1]

Importing the package imports neither TensorFlow nor a runtime; names are looked up when used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tfmatting.version import __version__

if TYPE_CHECKING:
    from tfmatting.inference.loading import load
    from tfmatting.inference.predictor import Predictor
    from tfmatting.models.registry import build
    from tfmatting.models.saving import load_model, save_model

_LAZY = {
    "Predictor": "tfmatting.inference.predictor",
    "build": "tfmatting.models.registry",
    "load": "tfmatting.inference.loading",
    "load_model": "tfmatting.models.saving",
    "save_model": "tfmatting.models.saving",
}

__all__ = ["Predictor", "__version__", "build", "load", "load_model", "save_model"]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'tfmatting' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
