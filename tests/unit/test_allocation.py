"""Freed memory is kept, so that work on frames does not map it anew each time."""

from __future__ import annotations

import subprocess
import sys

import pytest

COUNT = """
import resource
import numpy as np
from tfmatting.allocation import keep_freed_memory

if {kept}:
    assert keep_freed_memory()
for _ in range(3):
    np.ones((1000, 1000), np.float32) * 2
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    np.ones((3000, 1000), np.float32) * 2
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _page_faults(kept: bool) -> int:
    program = [sys.executable, "-c", COUNT.format(kept=kept)]
    result = subprocess.run(program, capture_output=True, text=True, check=True, timeout=120)
    return int(result.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's setting")
def test_arrays_of_a_frames_size_are_not_mapped_anew():
    assert _page_faults(kept=True) < 0.5 * _page_faults(kept=False)
