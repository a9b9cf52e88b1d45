"""Python in a process of its own, with the module path of this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def run_python(*words: str, timeout: float | None = None) -> subprocess.CompletedProcess[str]:
    """Run Python and wait for it; its output is in the result.

    The working folder is not searched for modules, as `-c` and `-m` would: a stranger's `numpy.py`
    may lie there. It is where this process searches it, too.

    Args:
        words: after `python`.
        timeout: in seconds.

    Raises:
        subprocess.TimeoutExpired: it took longer.
    """
    folders = os.pathsep.join(folder or str(Path.cwd()) for folder in sys.path)
    return subprocess.run(
        [sys.executable, "-P", *words],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=timeout,
        env={**os.environ, "PYTHONPATH": folders},
    )
