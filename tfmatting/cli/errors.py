"""Exit codes, and errors as one line on stderr."""

from __future__ import annotations

import argparse
import os
import sys

from tfmatting.errors import TfmattingError

BAD_INPUT, INTERRUPTED = 2, 130
REPORTED = (TfmattingError, ValueError, OSError, ImportError, FloatingPointError)
"""Errors of input or environment. Any other exception is a bug and ends in a traceback."""


def run_safely(parsed: argparse.Namespace) -> int:
    """Run a command. Errors of input become one line and an exit code."""
    try:
        return parsed.run(parsed) or 0
    except KeyboardInterrupt:
        hint = " Continue with --resume." if parsed.command == "train" else ""
        return _fail(f"Interrupted.{hint}", INTERRUPTED)
    except REPORTED as error:
        if os.environ.get("TFMATTING_TRACEBACK"):
            raise
        return _fail(f"tfmatting {parsed.command}: {_one_line(error)}", BAD_INPUT)


def _one_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.strerror}: {error.filename}"
    return " ".join(str(error).split()) or type(error).__name__


def _fail(line: str, code: int) -> int:
    print(line, file=sys.stderr)
    return code
