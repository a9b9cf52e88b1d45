"""PyAV, imported late, and its errors in our words."""

from __future__ import annotations

from pathlib import Path

from tfmatting.errors import MissingExtraError, MissingFileError


def import_av():
    """Import PyAV.

    Raises:
        ImportError: it is missing; the extra is named.
    """
    try:
        import av
    except ImportError as error:
        raise MissingExtraError("Video needs PyAV. Run `pip install tfmatting[video]`.") from error
    return av


def reason_of(error: Exception) -> str:
    """The first line of a PyAV error, without its number."""
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return text.split("] ", 1)[-1][:160]


def check_readable(path: Path) -> None:
    """Refuse what is no file."""
    if not path.is_file():
        raise MissingFileError(f"No video at {path}.")
