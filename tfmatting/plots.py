"""Figures on paper, for commands that draw one; matplotlib is an extra."""

from __future__ import annotations

from typing import Any

from tfmatting.errors import MissingExtraError


def new_figure(width: float, height: float) -> Any:
    """An empty `matplotlib.figure.Figure`, sizes in inches, without any window behind it.

    Raises:
        ImportError: matplotlib is missing; the extra is named.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError(
            "Pictures of figures need `pip install 'tfmatting[plots]'`."
        ) from error
    return Figure(figsize=(width, height), layout="constrained")
