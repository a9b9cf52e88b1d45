"""Figures on paper, for commands that draw one; matplotlib is an extra."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tfmatting.errors import InputError, MissingExtraError
from tfmatting.files import check_file

SUFFIXES = (".png", ".svg", ".pdf")


def check_picture(path: str | Path | None, *inputs: str | Path | None) -> None:
    """Refuse, before the work, a name that no picture can be drawn to.

    Args:
        path, inputs: as of `check_file`.

    Raises:
        InputError: another suffix than one of `SUFFIXES`, a folder, or an input.
    """
    if path is None:
        return
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"A drawing's name ends in {', '.join(SUFFIXES)}. Received: {path.name!r}."
        )
    check_file(path, *inputs)


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
