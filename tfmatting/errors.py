"""The package's own errors: one base class, each kind also the built-in error it specialises.

`except tfmatting.TfmattingError` catches everything that the package refuses; `except ValueError`
and the other built-in classes go on working.
"""

from __future__ import annotations


class TfmattingError(Exception):
    """Base class of every error that the package raises on purpose."""


class InputError(TfmattingError, ValueError):
    """A value, file or combination of options that breaks a stated rule."""


class InputTypeError(TfmattingError, TypeError):
    """An argument of the wrong type, such as a float image."""


class MissingFileError(TfmattingError, FileNotFoundError):
    """A file or folder that does not exist."""


class MissingExtraError(TfmattingError, ImportError):
    """An optional package is not installed; the message names the extra that brings it."""


class WorkerLostError(TfmattingError, RuntimeError):
    """Another worker of a training run ended, or cannot be reached."""


class DivergenceError(TfmattingError, FloatingPointError):
    """Training produced a value that is not finite."""
