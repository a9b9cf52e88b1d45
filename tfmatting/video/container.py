"""Imports PyAV when it is first needed, and shortens its error messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tfmatting.errors import MissingExtraError
from tfmatting.video.names import file_name


def import_av():
    """Import PyAV.

    Raises:
        MissingExtraError: PyAV is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise MissingExtraError(
            "Video needs PyAV. Run `pip install 'tfmatting[video]'`."
        ) from error
    return av


def open_film(path: Path) -> Any:
    """Open a film for reading, from the disk alone.

    Titles that are not UTF-8, as old AVI has them, do no harm.
    """
    options = {"protocol_whitelist": "file"}
    return import_av().open(file_name(path), metadata_errors="replace", options=options)


def reason_of(error: Exception) -> str:
    """Return the first line of a PyAV error without its error number."""
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return text.split("] ", 1)[-1][:160]
