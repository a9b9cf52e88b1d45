"""Commands in a network namespace with loopback alone: Ray looks for an outward address."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def in_namespace(words, **options) -> subprocess.CompletedProcess[str]:
    """Run a command; `options` are those of `subprocess.run`."""
    script = " ".join(["ip link set lo up &&", "exec", *map(str, words)])
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "RAY_USAGE_STATS_ENABLED": "0"}
    return subprocess.run(
        ["unshare", "-n", "sh", "-c", script],
        env=environment, capture_output=True, text=True, timeout=540, **options,
    )  # fmt: skip
