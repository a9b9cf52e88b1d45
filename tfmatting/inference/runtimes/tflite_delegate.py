"""Delegates: libraries that run TFLite operators on an accelerator, such as the Coral Edge TPU."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

from tfmatting.errors import InputError

EDGE_TPU = "libedgetpu.so.1"
EDGE_TPU_OPERATOR = "edgetpu-custom-op"
"""What `edgetpu_compiler` puts in the place of the operators that it maps."""
ENTRY_POINTS = ("tflite_plugin_create_delegate", "tflite_plugin_destroy_delegate")
"""Of LiteRT's external delegates (`external_delegate_interface.h`)."""


def load_delegate(library: str | Path) -> Any:
    """Load a delegate library for LiteRT's interpreter.

    Args:
        library: a name that the system's loader finds ("libedgetpu.so.1"), or a path.

    Returns:
        LiteRT's `Delegate`.

    Raises:
        InputError: there is no such library, it is no delegate, or it refuses, as the Edge TPU's
            does when no device is attached.
    """
    from ai_edge_litert.interpreter import load_delegate as load

    # LiteRT's own class, given such a library, writes a traceback when it is collected
    try:
        entries = ctypes.CDLL(str(library))
    except OSError as error:
        raise InputError(
            f"A delegate is a library that can be loaded. Received: {library} ({error}). "
            f"{_remedy(library)}"
        ) from error
    missing = [name for name in ENTRY_POINTS if not hasattr(entries, name)]
    if missing:
        raise InputError(
            f"A delegate library exports {' and '.join(ENTRY_POINTS)}. Received: {library} "
            f"without {' and '.join(missing)}. {_remedy(library)}"
        )
    try:
        return load(str(library))
    except ValueError as error:
        reason = str(error).partition("\n")[2].strip() or "no reason given"
        raise InputError(
            f"The delegate {library} found no device that it can use ({reason}). Attach the "
            "device and check your rights to it, or leave --delegate out to run on the processor."
        ) from error


def _remedy(library: str | Path) -> str:
    if Path(library).name.startswith("libedgetpu"):
        return "Install Coral's runtime (package libedgetpu1-std), or give the library's path."
    return f"Give a library's path, or {EDGE_TPU} for a Coral."
