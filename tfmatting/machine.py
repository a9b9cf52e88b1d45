"""The memory of a machine and of a process, which each system tells in its own way."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")
PEAK = "VmHWM:"
"""Linux: the largest resident size. `getrusage` would add what the parent held when it forked."""


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of Windows."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        *((f"value{index}", ctypes.c_uint64) for index in range(7)),
    )


class _ProcessMemory(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS of Windows."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("page_faults", ctypes.c_uint32),
        ("peak", ctypes.c_size_t),
        *((f"value{index}", ctypes.c_size_t) for index in range(7)),
    )


def physical_memory() -> float | None:
    """Return the memory of this machine in 10^6 bytes; None where the system does not say."""
    if sys.platform == "win32":
        status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
        known = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        return status.value0 / 1e6 if known else None
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e6
    except (ValueError, OSError):
        return None


def own_peak_memory() -> float:
    """Return the peak memory of this process so far, in 10^6 bytes.

    Raises:
        OSError: the system does not say.
    """
    if sys.platform == "win32":
        return _windows_peak()
    if STATUS.is_file():
        lines = STATUS.read_text(encoding="utf-8").splitlines()
        kibibytes = next((line.split()[1] for line in lines if line.startswith(PEAK)), None)
        if kibibytes is None:
            raise OSError(f"{STATUS} has no line {PEAK}, the peak memory of a process.")
        return int(kibibytes) * 1024 / 1e6
    import resource  # Windows has none

    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest * (1 if sys.platform == "darwin" else 1024) / 1e6


def _windows_peak() -> float:
    if sys.platform != "win32":  # for type checkers, which know `windll` there alone
        raise OSError("Not Windows.")
    counters = _ProcessMemory(length=ctypes.sizeof(_ProcessMemory))
    kernel = ctypes.windll.kernel32
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    process = ctypes.c_void_p(kernel.GetCurrentProcess())
    size = ctypes.c_uint32(counters.length)
    if not kernel.K32GetProcessMemoryInfo(process, ctypes.byref(counters), size):
        raise OSError("Windows did not say how much memory this process has taken.")
    return counters.peak / 1e6
