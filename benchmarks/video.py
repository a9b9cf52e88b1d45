"""The video pipeline against its slowest step and against a plain loop, in one run.

Each step is timed alone over the same frames, kept in memory: decoding, matting, composing,
encoding. The plain loop does them one after the other for every frame. All ways take turns for
several rounds, and medians count: a processor's speed drifts. Peak memory is that of a process that
runs the pipeline alone, on the video and on the same video several times over.

    python benchmarks/video.py VIDEO --background blur --threads 1
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tfmatting.allocation import keep_freed_memory
from tfmatting.evaluation.latency import own_peak_memory
from tfmatting.imaging.background import Background, parse_background
from tfmatting.inference import load
from tfmatting.inference.predictor import Predictor
from tfmatting.video.container import import_av
from tfmatting.video.encoding import check_output
from tfmatting.video.mux import join
from tfmatting.video.pipeline import Picture, matted
from tfmatting.video.reader import Frame, VideoReader
from tfmatting.video.segments import Segments
from tfmatting.video.writer import PictureWriter


def seconds(work: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def decoded(video: Path) -> list[Frame]:
    """All frames of a video."""
    with VideoReader(video) as reader:
        return list(reader.frames())


def write(reader: VideoReader, pictures: Iterator[Picture], target: Path) -> None:
    """Encode pictures and join them with the sound, as `tfmatting video` does."""
    encoding = check_output(target, transparent=False)
    facts = reader.facts
    segments = Segments(target, {})

    def open_writer(path: Path) -> PictureWriter:
        return PictureWriter(path, facts, encoding, facts.upright_size, transparent=False)

    for _ in segments.write(pictures, open_writer):
        pass
    join(segments, reader, encoding, target)
    segments.remove()


def encode(video: Path, pictures: list[Picture], target: Path) -> None:
    """Write finished pictures."""
    with VideoReader(video) as reader:
        write(reader, iter(pictures), target)


def plain_loop(video: Path, predictor: Predictor, background: Background, target: Path) -> None:
    """Read, matte, compose and write one frame after the other."""
    stream = predictor.stream()
    with VideoReader(video) as reader:
        pictures = (
            Picture(background.compose(frame.pixels, stream.alpha(frame.pixels)), frame.pts)
            for frame in reader.frames()
        )
        write(reader, pictures, target)


def pipeline(video: Path, predictor: Predictor, background: Background, target: Path) -> None:
    """What `tfmatting video` does."""
    with VideoReader(video) as reader:
        pictures = matted(
            reader, predictor, lambda frame, alpha, _: background.compose(frame, alpha)
        )
        write(reader, pictures, target)


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("video", type=Path)
    parser.add_argument("--model", default="portrait")
    parser.add_argument("--background", default="blur")
    parser.add_argument("--threads", type=int, help="of the network; all cores when omitted")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--times", type=int, default=9, help="of the longer video")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    keep_freed_memory()  # as every command does
    predictor = load(arguments.model, threads=arguments.threads)
    background = parse_background(arguments.background)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "out.mp4"
        if arguments.alone:
            pipeline(arguments.video, predictor, background, target)
            print(own_peak_memory())
            return
        frames = decoded(arguments.video)
        stream = predictor.stream()
        alphas = [stream.alpha(frame.pixels) for frame in frames]
        pairs = list(zip(frames, alphas, strict=True))
        pictures = [Picture(background.compose(f.pixels, a), f.pts) for f, a in pairs]
        stream = predictor.stream()
        ways = {
            "decode alone": lambda: decoded(arguments.video),
            "matte alone": lambda: [stream.alpha(frame.pixels) for frame in frames],
            "compose alone": lambda: [background.compose(f.pixels, a) for f, a in pairs],
            "encode alone": lambda: encode(arguments.video, pictures, target),
            "plain loop": lambda: plain_loop(arguments.video, predictor, background, target),
            "pipeline": lambda: pipeline(arguments.video, predictor, background, target),
        }
        rounds = [
            {name: len(frames) / seconds(way) for name, way in ways.items()}
            for _ in range(arguments.rounds)
        ]
        rates = {name: statistics.median(rates[name] for rates in rounds) for name in ways}
        slowest = min(rate for name, rate in rates.items() if name.endswith("alone"))
        print(f"{arguments.video.name}: {len(frames)} frames of {frames[0].pixels.shape[:2]}")
        for name, rate in rates.items():
            print(f"{name:14} {rate:8.1f} frames/s")
        print(f"pipeline / slowest step {rates['pipeline'] / slowest:.2f}")
        print(f"pipeline / plain loop   {rates['pipeline'] / rates['plain loop']:.2f}")
        sizes = target.stat().st_size, arguments.video.stat().st_size
        print(f"output / input size     {sizes[0] / sizes[1]:.2f}")
        longer = Path(folder) / f"longer{arguments.video.suffix}"
        repeated(arguments.video, arguments.times, longer)
        for video in (arguments.video, longer):
            words = [sys.executable, __file__, str(video), "--alone", "--model", arguments.model]
            words += ["--background", arguments.background]
            if arguments.threads:
                words += ["--threads", str(arguments.threads)]
            result = subprocess.run(words, capture_output=True, text=True, check=True)
            print(f"peak memory {float(result.stdout.split()[-1]):8.0f} MB  {video.name}")


if __name__ == "__main__":
    main()
