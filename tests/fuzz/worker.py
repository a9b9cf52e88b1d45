"""Reads changed files one after the other, in a process of its own that may die of one.

Run as `python -m tests.fuzz.worker FOLDER FIRST SCALE READER...`. Each file lies in FOLDER while it
is read, so that the file that killed the process is still there, and its name in `now`.
"""

from __future__ import annotations

import faulthandler
import os
import random
import resource
import sys
import traceback
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tests.fuzz.mutations import mutate
from tests.fuzz.readers import HEAVY, READERS, Reader
from tfmatting.errors import TfmattingError

MEMORY = 1_500_000_000
"""Bytes that reading one of these small files may take, beyond what the process has."""

SECONDS = 120
"""After which a file hangs, on a machine that does ten other things."""


def changed(reader: Reader, number: int) -> bytes:
    """The file of a number: always the same."""
    chance = random.Random(number)
    seeds = reader.seeds()
    return reader.wrap(mutate(seeds[number % len(seeds)], chance))


def put(folder: Path, reader: Reader, data: bytes) -> Path:
    """Write a file and what lies beside it."""
    path = folder / f"file{reader.suffix}"
    path.write_bytes(data)
    for suffix, content in reader.beside().items():
        path.with_suffix(suffix).write_bytes(content)
    return path


def verdict(reader: Reader, path: Path) -> str:
    """Read a file: "" for a result or an error of the package, else the traceback."""
    try:
        reader.read(path)
    except TfmattingError as error:
        return "" if str(error).strip() else "an error without a word"
    except BaseException:
        return traceback.format_exc(limit=-6)
    return ""


def limit_memory() -> None:
    """Let allocations beyond the limit fail, as on a small machine."""
    used = next(
        int(line.split()[1]) * 1024
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmData")
    )
    resource.setrlimit(resource.RLIMIT_DATA, (used + MEMORY, used + MEMORY))


def run(folder: Path, name: str, first: int, count: int) -> None:
    """Read a reader's files; print a line for each that it does not answer as it should."""
    reader = {**READERS, **HEAVY}[name]
    for number in range(first, first + count):
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        (folder / "now").write_text(f"{name} {number}")
        trouble = verdict(reader, put(folder, reader, changed(reader, number)))
        if trouble:
            print(f"{name} {number}: {trouble}", flush=True)
    faulthandler.cancel_dump_traceback_later()


def main() -> None:
    """Read the seeds of all readers, which loads what is loaded once, then the changed files."""
    folder, first, scale = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    readers = {name: reader for name, reader in {**READERS, **HEAVY}.items() if name in sys.argv}
    for name, reader in readers.items():
        (folder / "now").write_text(f"{name}, the seed")
        trouble = verdict(reader, put(folder, reader, reader.wrap(reader.seeds()[0])))
        if trouble:
            print(f"{name}, the seed: {trouble}", flush=True)
    limit_memory()
    for name, reader in readers.items():
        run(folder, name, first, scale * reader.count)
    print("done", flush=True)


if __name__ == "__main__":
    main()
