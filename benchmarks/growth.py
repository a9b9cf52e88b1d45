"""How time and memory grow with pixels, frames and photos, with the exponent of each.

    python benchmarks/growth.py -o build/growth [--of pixels frames photos] [--longest 100000]

An exponent of 1 is linear, 0 is flat. It is fitted to the larger half of the sizes, where what a
start costs no longer counts. Every size runs in a process of its own, whose peak memory counts.
Writes a picture a kind and `growth.json`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from comparison import table, write_json
from photos import astronaut, enlarge

from tfmatting.files import atomic_path
from tfmatting.machine import own_peak_memory
from tfmatting.plots import new_figure

FRAME = (64, 96)


def pixels(megapixels: float, folder: Path) -> Callable[[], object]:
    """A photo of so many million pixels, cut out."""
    from tfmatting.photos.jobs import MatteJob
    from tfmatting.photos.processor import PhotoProcessor
    from tfmatting.photos.settings import MatteSettings

    processor = PhotoProcessor(MatteSettings(model="portrait_lite", background="transparent"))
    job = MatteJob(folder / f"{megapixels:g}.jpg", folder / "cut.png")

    def work() -> None:
        error = processor.run(job).error
        assert error is None, error

    return work


def frames(count: float, folder: Path) -> Callable[[], object]:
    """A film of so many small frames, in front of a colour."""
    from tfmatting.inference import load
    from tfmatting.video.matte import matte_video

    predictor = load("portrait_lite")
    film = folder / f"{int(count)}.mp4"
    return lambda: matte_video(film, folder / "o.mp4", model=predictor, background="#00ff00")


def photos(count: float, folder: Path) -> Callable[[], object]:
    """A folder of so many small photos, cut out in one process."""
    from tfmatting.photos.folder import matte_folder

    source, out = folder / f"photos_{int(count)}", folder / f"out_{int(count)}"

    def work() -> None:
        report = matte_folder(
            source, out, model="portrait_lite", workers=1, each=lambda result: None
        )
        assert report.total == count

    return work


KINDS = {
    "pixels": (pixels, (0.25, 1, 3, 12, 24, 48, 108), "million pixels"),
    "frames": (frames, (100, 300, 1000, 3000, 10_000, 30_000, 100_000), "frames"),
    "photos": (photos, (10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000), "photos"),
}
"""What is done, for how many, and the unit."""


def prepare(kind: str, size: float, folder: Path) -> None:
    """Make the input of one size."""
    if kind == "pixels":
        enlarge(astronaut(folder), size, folder)
    elif kind == "frames":
        write_film(folder / f"{int(size)}.mp4", int(size))
    else:
        photo = astronaut(folder)
        target = folder / f"photos_{int(size)}"
        target.mkdir()
        for number in range(int(size)):
            (target / f"{number:06d}.png").symlink_to(photo)


def write_film(path: Path, count: int) -> None:
    """A film of a square that moves."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.height, stream.width = FRAME
        stream.pix_fmt = "yuv420p"
        for index in range(count):
            picture = np.full((*FRAME, 3), 40, np.uint8)
            left = index % 60
            picture[16:48, left : left + 32] = (230, 200, 60)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


def measure(kind: str, size: float, folder: Path) -> dict[str, float]:
    """Seconds and peak megabytes of one size, in this process."""
    work = KINDS[kind][0](size, folder)
    if kind == "pixels":
        work()  # the first photo pays for what is loaded on the way
    start = time.perf_counter()
    work()
    return {"seconds": time.perf_counter() - start, "megabytes": own_peak_memory()}


def exponent(sizes: list[float], values: list[float]) -> float:
    """The slope of the larger half of the points on logarithmic axes; NaN with fewer than two."""
    if len(sizes) < 2:
        return float("nan")
    half = min(len(sizes) // 2, len(sizes) - 2)
    return float(np.polyfit(np.log(sizes[half:]), np.log(values[half:]), 1)[0])


def draw(kind: str, figures: dict[str, list[float]], target: Path) -> None:
    """Two curves on logarithmic axes, with their exponents."""
    figure = new_figure(8, 3.5)
    for axes, name in zip(figure.subplots(1, 2), ("seconds", "megabytes"), strict=True):
        axes.loglog(figures["sizes"], figures[name], "o-")
        axes.set(xlabel=KINDS[kind][2], ylabel=name)
        axes.set_title(f"exponent {exponent(figures['sizes'], figures[name]):.2f}")
        axes.grid(True, which="both", alpha=0.3)
    with atomic_path(target) as temporary:
        figure.savefig(temporary, dpi=110, format="png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=Path("build/growth"))
    parser.add_argument("--of", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--longest", type=int, default=10_000, help="frames and photos at most")
    parser.add_argument("--alone", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.alone:
        kind, size, folder = arguments.alone
        print(json.dumps(measure(kind, float(size), Path(folder))))
        return
    results: dict[str, dict[str, list[float]]] = {}
    for kind in arguments.of:
        sizes = [size for size in KINDS[kind][1] if size <= arguments.longest]
        found = {"sizes": sizes, "seconds": [], "megabytes": []}
        for size in sizes:
            with tempfile.TemporaryDirectory() as folder:
                prepare(kind, size, Path(folder))
                words = [sys.executable, __file__, "--alone", kind, str(size), folder]
                run = subprocess.run(words, capture_output=True, text=True, check=True)
            figures = json.loads(run.stdout.strip().splitlines()[-1])
            for name, value in figures.items():
                found[name].append(value)
            print(f"{size:g} {KINDS[kind][2]}: {figures}", flush=True)
        results[kind] = found
        draw(kind, found, arguments.output / f"growth_{kind}.png")
    rows = [
        [kind, f"{f['sizes'][0]:g} to {f['sizes'][-1]:g}"]
        + [f"{exponent(f['sizes'], f[name]):.2f}" for name in ("seconds", "megabytes")]
        for kind, f in results.items()
    ]
    print(table(("against", "sizes", "time's exponent", "memory's"), rows))
    write_json(arguments.output / "growth.json", results)


if __name__ == "__main__":
    main()
