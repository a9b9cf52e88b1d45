"""Prediction of alpha mattes, independent of the file format of the network.

The table of pretrained models is plain data; what needs NumPy and OpenCV is imported when used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tfmatting.inference.pretrained import PRETRAINED, shipped_models

if TYPE_CHECKING:
    from tfmatting.inference.loading import load
    from tfmatting.inference.predictor import Predictor

__all__ = ["PRETRAINED", "Predictor", "load", "shipped_models"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tfmatting.inference import loading

    return getattr(loading, name)
