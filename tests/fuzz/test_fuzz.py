"""Every reader answers broken files with an error of the package: no traceback, no hang, no crash.

`make fuzz` reads fifty times as many files as `make test`, other ones each day.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.readers import HEAVY, READERS
from tests.fuzz.worker import put, verdict

FIRST = int(os.environ.get("TFMATTING_FUZZ_FIRST", 100_000))
"""The number of the first file: `make fuzz` gives another one every day."""

CORPUS = Path(__file__).parent / "corpus"
CRASHING = ("h5", "pb", "pbtxt")
"""A process for each file catches what ends it, which takes a while."""


def fuzz(folder: Path, names, first: int = 0, scale: int = 1) -> None:
    """Read changed files in a process of its own; keep the one that a reader stumbles upon."""
    words = [sys.executable, "-m", "tests.fuzz.worker", folder, first, scale, *names]
    root = Path(__file__).parents[2]
    result = subprocess.run(
        [str(word) for word in words], cwd=root, capture_output=True, text=True, errors="replace"
    )
    if result.stdout.strip() == "done":
        return
    pytest.fail(
        f"{result.stdout[-6000:]}\nexit code {result.returncode} with "
        f"{(folder / 'now').read_text()}; the file is in {folder}.\n{result.stderr[-2000:]}"
    )


def test_light_readers(tmp_path):
    fuzz(tmp_path, READERS)


def test_readers_of_weights(tmp_path):
    pytest.importorskip("torch", reason="PyTorch is an extra")
    fuzz(tmp_path, HEAVY)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*READERS, *HEAVY])
def test_many_more_files(tmp_path, name):
    if name == "pth":
        pytest.importorskip("torch", reason="PyTorch is an extra")
    fuzz(tmp_path, [name], first=FIRST, scale=2 if name in CRASHING else 50)


@pytest.mark.parametrize("path", sorted(CORPUS.iterdir()), ids=lambda path: path.name)
def test_files_that_once_broke_a_reader(tmp_path, path):
    """A file's name begins with its reader's."""
    name = path.name.split("-")[0]
    reader = {**READERS, **HEAVY}[name]
    file = put(tmp_path, reader, b"")
    shutil.copy(path, file)
    assert not verdict(reader, file)
