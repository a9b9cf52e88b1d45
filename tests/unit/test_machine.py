"""The memory of machines and processes, as each system says it."""

import ctypes
import resource
import sys
from types import SimpleNamespace

import pytest

from tfmatting import machine
from tfmatting.machine import own_peak_memory, physical_memory

GIGABYTES_16 = 16 * 2**30


def test_linux_says_both():
    present, peak = physical_memory(), own_peak_memory()
    assert present is not None and 20 < peak < present < 10**8


@pytest.mark.parametrize(("system", "unit"), [("darwin", 1), ("freebsd14", 1024)])
def test_the_unit_of_the_peak_is_the_systems_own(monkeypatch, tmp_path, system, unit):
    monkeypatch.setattr(machine, "STATUS", tmp_path / "status")
    monkeypatch.setattr(sys, "platform", system)
    used = SimpleNamespace(ru_maxrss=3_000_000)
    monkeypatch.setattr(resource, "getrusage", lambda who: used)
    assert own_peak_memory() == 3.0 * unit


def test_a_status_without_the_peak_is_an_error(monkeypatch, tmp_path):
    status = tmp_path / "status"
    status.write_text("VmRSS: 1 kB\n")
    monkeypatch.setattr(machine, "STATUS", status)
    with pytest.raises(OSError, match="VmHWM"):
        own_peak_memory()


class Kernel32:
    """What Windows answers; structures are filled in through the pointers that it is given."""

    def __init__(self, known: bool = True):
        self.known = known
        self.GetCurrentProcess = _Answer(-1)

    def GlobalMemoryStatusEx(self, pointer):  # noqa: N802
        status = pointer._obj
        assert status.length == ctypes.sizeof(status) == 64
        status.value0 = GIGABYTES_16
        return self.known

    def K32GetProcessMemoryInfo(self, process, pointer, size):  # noqa: N802
        counters = pointer._obj
        assert size.value == ctypes.sizeof(counters) == 8 + 8 * ctypes.sizeof(ctypes.c_size_t)
        counters.peak = 250_000_000
        return self.known


class _Answer:
    restype = None

    def __init__(self, value):
        self.value = value

    def __call__(self):
        return self.value


@pytest.fixture
def windows(monkeypatch):
    """A machine that says it is Windows; its kernel32 knows what it is asked, or not."""

    def pretend(known: bool) -> None:
        monkeypatch.setattr(sys, "platform", "win32")
        library = SimpleNamespace(kernel32=Kernel32(known))
        monkeypatch.setattr(ctypes, "windll", library, raising=False)

    return pretend


def test_windows_says_both(windows):
    windows(known=True)
    assert physical_memory() == pytest.approx(GIGABYTES_16 / 1e6)
    assert own_peak_memory() == 250.0


def test_a_windows_that_does_not_say_is_no_crash(windows):
    windows(known=False)
    assert physical_memory() is None
    with pytest.raises(OSError, match="did not say"):
        own_peak_memory()
