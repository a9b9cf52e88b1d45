"""What reaches the terminal: progress bars, one line at a time, and nothing that steers it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator


@contextlib.contextmanager
def quiet_native_output() -> Iterator[None]:
    """Hold back what native code writes to stderr; Python's errors pass as exceptions."""
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


def progress_bar(
    items: Iterable, total: int | None = None, unit: str = "photo", initial: int = 0
) -> Iterable:
    """Show progress on stderr, with rate and time left; a line every ten seconds in a log."""
    from tqdm import tqdm

    pause = 0.1 if sys.stderr.isatty() else 10.0
    return tqdm(
        items, total=total, unit=unit, initial=initial, dynamic_ncols=True, mininterval=pause
    )


def printable(line: str) -> str:
    """Escape what steers a terminal: file names of strangers may hold it, and line breaks."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in line)


def say(line: str) -> None:
    """Print a line to stderr, above a progress bar if there is one."""
    line = printable(line)
    if "tqdm" in sys.modules:
        from tqdm import tqdm

        tqdm.write(line, file=sys.stderr)
    else:
        print(line, file=sys.stderr)
