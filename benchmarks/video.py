"""`matte_video` against its slowest step and against a plain loop, in one run.

    python benchmarks/video.py VIDEO --background blur --threads 1

Each step is timed alone on the same frames in memory: decoding, matting, composing, encoding. The
plain loop does them one after the other for every frame. All ways take turns for several rounds,
and the medians count. What the cores allow is the rate at which they would be busy all the time
with the steps' processor time: no order of the steps can be faster. Peak memory is that of a
process that only runs `matte_video`, on the video and on the same video several times over.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from comparison import table, write_json

from tfmatting.allocation import keep_freed_memory
from tfmatting.imaging.background import Background, parse_background
from tfmatting.inference import load
from tfmatting.inference.predictor import Predictor
from tfmatting.machine import own_peak_memory
from tfmatting.processes import cores
from tfmatting.video.container import import_av
from tfmatting.video.matte import matte_video
from tfmatting.video.pipeline import Picture
from tfmatting.video.reader import Frame, VideoReader
from tfmatting.video.segments import Segments
from tfmatting.video.writing import write_video


@dataclass(frozen=True)
class Taken:
    """Seconds of a call, and of processor time in all its threads."""

    wall: float
    processor: float


def seconds(work: Callable[[], object]) -> Taken:
    """How long a call takes."""
    start, busy = time.perf_counter(), time.process_time()
    work()
    return Taken(time.perf_counter() - start, time.process_time() - busy)


def decoded(video: Path) -> list[Frame]:
    """All frames of a video."""
    with VideoReader(video) as reader:
        return list(reader.frames())


def encode(video: Path, pictures: Iterable[Picture], target: Path) -> None:
    """Write finished pictures and the audio of a video."""
    with VideoReader(video) as reader:
        size = reader.facts.upright_size
        generator = (picture for picture in pictures)
        write_video(generator, reader, Segments(target, {}), target, size=size)


def plain_loop(video: Path, predictor: Predictor, background: Background, target: Path) -> None:
    """Read, matte, compose and write one frame after the other."""
    stream = predictor.stream()
    with VideoReader(video) as reader:
        pictures = (
            Picture(background.compose(frame.pixels, stream.alpha(frame.pixels)), frame.pts)
            for frame in reader.frames()
        )
        write_video(pictures, reader, Segments(target, {}), target, size=reader.facts.upright_size)


def pipeline(video: Path, predictor: Predictor, background: str, target: Path) -> None:
    """What `tfmatting video` does."""
    matte_video(video, target, model=predictor, background=background)


def repeated(video: Path, times: int, target: Path) -> None:
    """The same pictures several times over, without sound, packets copied."""
    av = import_av()
    with av.open(str(video)) as source, av.open(str(target), "w") as sink:
        stream = source.streams.video[0]
        copy = sink.add_stream_from_template(stream)
        offset = 0
        for _ in range(times):
            source.seek(0)
            last = offset
            for packet in source.demux(stream):
                if packet.dts is None:
                    continue
                packet.pts, packet.dts = packet.pts + offset, packet.dts + offset
                last = max(last, packet.pts + (packet.duration or 1))
                packet.stream = copy
                sink.mux(packet)
            offset = last


def peak_memory(video: Path, arguments: argparse.Namespace) -> float:
    """Peak memory of a process of its own, in 10^6 bytes."""
    words = [sys.executable, __file__, str(video), "--alone", "--model", arguments.model]
    words += ["--background", arguments.background]
    words += ["--threads", str(arguments.threads)] if arguments.threads else []
    result = subprocess.run(words, capture_output=True, text=True, check=True)
    return float(result.stdout.split()[-1])


def rates(
    video: Path, predictor: Predictor, background: str, target: Path, rounds: int
) -> tuple[dict[str, float], float]:
    """Frames per second of each way, medians of the rounds, and what the cores allow."""
    frames = decoded(video)
    scene = parse_background(background)
    stream = predictor.stream()
    pairs = [(frame, stream.alpha(frame.pixels)) for frame in frames]
    pictures = [Picture(scene.compose(frame.pixels, alpha), frame.pts) for frame, alpha in pairs]
    ways: dict[str, Callable[[], object]] = {
        "decode alone": lambda: decoded(video),
        "matte alone": lambda: [stream.alpha(frame.pixels) for frame in frames],
        "compose alone": lambda: [scene.compose(frame.pixels, alpha) for frame, alpha in pairs],
        "encode alone": lambda: encode(video, pictures, target),
        "plain loop": lambda: plain_loop(video, predictor, scene, target),
        "matte_video": lambda: pipeline(video, predictor, background, target),
    }
    taken: dict[str, list[Taken]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            taken[name].append(seconds(way))
    busy = sum(
        statistics.median(one.processor for one in own)
        for name, own in taken.items()
        if name.endswith("alone")
    )
    speed = {
        name: len(frames) / statistics.median(one.wall for one in own)
        for name, own in taken.items()
    }
    return speed, len(frames) * cores() / busy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("video", type=Path)
    parser.add_argument("--model", default="portrait")
    parser.add_argument("--background", default="blur")
    parser.add_argument("--threads", type=int, help="of the network; all cores if omitted")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--times", type=int, default=9, help="length of the longer video")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    keep_freed_memory()  # as every command does
    predictor = load(arguments.model, threads=arguments.threads)
    video, background = arguments.video, arguments.background
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "out.mp4"
        if arguments.alone:
            pipeline(video, predictor, background, target)
            print(own_peak_memory())
            return
        speed, allowed = rates(video, predictor, background, target, arguments.rounds)
        slowest = min(rate for name, rate in speed.items() if name.endswith("alone"))
        longer = Path(folder) / f"longer{video.suffix}"
        repeated(video, arguments.times, longer)
        figures = {
            "frames/s": speed,
            "matte_video / slowest step": speed["matte_video"] / slowest,
            "matte_video / plain loop": speed["matte_video"] / speed["plain loop"],
            f"what {cores()} cores allow, frames/s": allowed,
            "matte_video / that": speed["matte_video"] / allowed,
            "output / input size": target.stat().st_size / video.stat().st_size,
            "peak memory, MB": peak_memory(video, arguments),
            f"peak memory, MB, {arguments.times} times as long": peak_memory(longer, arguments),
        }
    print(table([video.name, "frames/s"], [[name, f"{rate:.1f}"] for name, rate in speed.items()]))
    rest = list(figures.items())[1:]
    print(table(["", ""], [[name, f"{value:.2f}"] for name, value in rest]).strip("\n"))
    write_json(arguments.json, figures)


if __name__ == "__main__":
    main()
