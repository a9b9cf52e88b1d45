"""`kill -9` at any moment: nothing half-written under a final name, and the work can go on."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tfmatting.imaging.io import read_photo, write_image
from tfmatting.models import read_metadata

ROOT = Path(__file__).parents[2]
FEW, EPOCHS, FRAMES = 1, 4, 30
MOMENTS = int(os.environ.get("TFMATTING_KILLS", "4"))
"""Of each light command, half as many of each heavy one."""


@dataclass
class Job:
    """A command, where it writes, and what must be there when it is done."""

    words: tuple[str, ...]
    output: str
    done: tuple[str, ...]


def matte(folder: Path) -> Job:
    for number in range(6):
        noise = np.random.default_rng(number).integers(0, 256, (240, 320, 3)).astype(np.uint8)
        write_image(folder / "photos" / f"{number}.png", noise)
    words = ("matte", "photos", "-o", "out", "--model", "portrait_lite", "--manifest", "out/m.csv")
    return Job(words, "out", ("0.png", "5.png", "m.csv"))


def prepare(folder: Path) -> Job:
    for number in range(12):
        noise = np.random.default_rng(number).integers(0, 256, (240, 320, 3)).astype(np.uint8)
        write_image(folder / "data" / "image" / f"{number}.png", noise)
        write_image(folder / "data" / "alpha" / f"{number}.png", noise[..., 0])
    return Job(("prepare", "pairs", "data", "-o", "out"), "out", ("train_set.txt", "val_set.txt"))


def video(folder: Path) -> Job:
    import av

    with av.open(str(folder / "film.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for number in range(FRAMES):
            pixels = np.full((240, 320, 3), 8 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels)))
        container.mux(stream.encode())
    words = ("video", "film.mp4", "-o", "out/film.mp4", "--model", "portrait_lite",
             "--background", "#00aa55")  # fmt: skip
    return Job(words, "out", ("film.mp4",))


def export(folder: Path) -> Job:
    words = (
        "export",
        "--format",
        "tflite",
        "--weights",
        "shipped.keras",
        "--output",
        "out/m.tflite",
    )
    from tfmatting.inference.pretrained import PRETRAINED

    source = PRETRAINED["portrait_lite"].checkpoint
    (folder / "shipped.keras").write_bytes(source.read_bytes())
    return Job(words, "out", ("m.tflite",))


def train(folder: Path) -> Job:
    words = ("train", "--model", "unet", "--smoke", "--epochs", str(EPOCHS), "--output", "out")
    stage = "unet/supervised"
    return Job(words, "out", (f"{stage}/best.keras", f"{stage}/last.keras"))


LIGHT, HEAVY = (matte, prepare, video), (export, train)


def start(job: Job, folder: Path, *more: str) -> subprocess.Popen:
    with (folder / "errors").open("w") as errors:
        return subprocess.Popen(
            [sys.executable, "-m", "tfmatting", *job.words, *more], cwd=folder,
            stdout=subprocess.DEVNULL, stderr=errors,
        )  # fmt: skip


def finished(process: subprocess.Popen, folder: Path) -> str:
    """Wait for a command; return what it wrote on stderr."""
    process.wait(timeout=900)
    return (folder / "errors").read_text(errors="replace")


def workers_of(folder: Path) -> list[str]:
    """Processes that still work in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink() == folder:
                found.append((process / "cmdline").read_text().replace("\0", " "))
    return found


def wait_for_workers(folder: Path) -> None:
    """The processes that a killed command has started end soon."""
    until = time.monotonic() + 60
    while workers_of(folder) and time.monotonic() < until:
        time.sleep(0.2)
    assert workers_of(folder) == []


def seconds_of(job: Job, folder: Path) -> float:
    """How long the command takes when it is left alone."""
    begun = time.monotonic()
    process = start(job, folder)
    err = finished(process, folder)
    assert process.returncode == 0, err
    return time.monotonic() - begun


def is_hidden(path: Path, folder: Path) -> bool:
    """Whether a file lies under a name that says that it is unfinished."""
    parts = path.relative_to(folder).parts
    return any(part.startswith(".") for part in parts) or path.suffix == ".journal"


def check_whole(folder: Path) -> None:
    """Open everything that has its final name."""
    for path in folder.rglob("*"):
        if path.is_dir() or is_hidden(path, folder):
            continue
        if path.suffix == ".png":
            read_photo(path)
        elif path.suffix == ".keras":
            read_metadata(path)
            with zipfile.ZipFile(path) as archive:
                assert archive.testzip() is None, path
        elif path.suffix == ".json":
            json.loads(path.read_text())
        elif path.suffix in (".csv", ".txt"):
            assert path.read_text().endswith("\n"), path
        elif path.suffix == ".tflite":
            from tfmatting.inference import load

            load(path)
        elif path.suffix == ".mp4":
            from tfmatting.video.reader import VideoReader

            with VideoReader(path) as reader:
                assert len(list(reader.frames())) == FRAMES and not reader.problems, path


def epochs_of(folder: Path) -> list[int]:
    """The epochs that a run's history has."""
    path = folder / "out/unet/supervised/history.csv"
    if not path.is_file():
        return []
    with path.open() as file:
        return [int(row["epoch"]) for row in csv.DictReader(file)]


def check_resumable(folder: Path) -> None:
    """A run's last checkpoint is at most one epoch behind its history."""
    noted, last = epochs_of(folder), folder / "out/unet/supervised/last.keras"
    kept = read_metadata(last)["epoch"] if last.is_file() else 0
    assert kept >= len(noted) - 1, (kept, noted)


def kill_at_moments(make, folder: Path, count: int, chance: random.Random) -> None:
    """Kill the command again and again, each time after what the time before left."""
    whole = folder / "whole"
    whole.mkdir()
    seconds = seconds_of(make(whole), whole)
    for number in range(count):
        place = folder / str(number)
        place.mkdir()
        job = make(place)
        process = start(job, place)
        # the start alone, where nothing is written yet, has a fifth of the moments
        time.sleep(
            seconds * (chance.uniform(0.0, 0.2) if number % 5 == 4 else chance.uniform(0.2, 1))
        )
        process.send_signal(signal.SIGKILL)
        process.wait()
        wait_for_workers(place)
        check_whole(place / job.output)
        if make is train:
            check_resumable(place)
        go_on(make, job, place)
        check_whole(place / job.output)
        missing = [name for name in job.done if not (place / job.output / name).is_file()]
        assert not missing


def go_on(make, job: Job, place: Path) -> None:
    """Run the command again, with `--resume` where it says so."""
    process = start(job, place)
    err = finished(process, place)
    if process.returncode and "--resume" in err:
        process = start(job, place, "--resume")
        err = finished(process, place)
    assert process.returncode == 0, err
    if make is train:
        assert epochs_of(place) == list(range(1, EPOCHS + 1))


@pytest.mark.parametrize("make", LIGHT[:2], ids=lambda make: make.__name__)
def test_one_moment(tmp_path, make):
    kill_at_moments(make, tmp_path, FEW, random.Random(7))


@pytest.mark.slow
@pytest.mark.parametrize("make", (*LIGHT, *HEAVY), ids=lambda make: make.__name__)
def test_twenty_moments(tmp_path, make):
    count = MOMENTS if make in LIGHT else max(1, MOMENTS // 2)
    kill_at_moments(make, tmp_path, count, random.Random(28))
