"""Exit codes, and errors as one line on stderr."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from tfmatting.console import printable
from tfmatting.errors import TfmattingError
from tfmatting.interruption import end, ends_when_interrupted

BAD_INPUT, INTERRUPTED = 2, 130
REPORTED = (TfmattingError, ValueError, OSError, ImportError, FloatingPointError)
"""Errors of input or environment. Any other exception is a bug and ends in a traceback."""


class OneLineParser(argparse.ArgumentParser):
    """Says what is wrong with the words of a command in one line, without the usage before it."""

    def error(self, message: str) -> NoReturn:
        """End the process; argparse calls this with the fault."""
        fault = f"{self.prog}: {message.rstrip('.')}. The options: {self.prog} --help"
        self.exit(BAD_INPUT, f"{printable(fault)}\n")


def run_safely(name: str, command: Callable[[], int]) -> int:
    """Run a command. Errors of input become one line and an exit code.

    Args:
        name: of the command, for its errors.
        command: returns its exit code.
    """
    try:
        with ends_when_interrupted(lambda: end(_interrupted(name))):
            return command()
    except KeyboardInterrupt:
        return _interrupted(name)
    except REPORTED as error:
        if os.environ.get("TFMATTING_TRACEBACK"):
            raise
        return _fail(f"tfmatting {name}: {_one_line(error)}", BAD_INPUT)


def _interrupted(name: str) -> int:
    hint = " Continue with --resume." if name == "train" else ""
    return _fail(f"Interrupted.{hint}", INTERRUPTED)


def _one_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.strerror}: {error.filename}"
    return " ".join(str(error).split()) or type(error).__name__


def _fail(line: str, code: int) -> int:
    print(printable(line), file=sys.stderr)
    return code
