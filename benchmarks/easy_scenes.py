"""The switch between MODNet and its low-resolution branch: time saved, and what it costs in alpha.

    python benchmarks/easy_scenes.py VIDEO... --weights modnet.keras
    python benchmarks/easy_scenes.py VIDEO... --weights modnet.keras --branch low_resolution.keras

The branch is the weights' own; or, with --branch, one that was trained by itself (recipe
`low_resolution`).

Both networks are written as float32 TFLite files and run in LiteRT. Every frame goes to the whole
network, to the switch and to the branch alone, in turn, so that all of them meet the same machine.
Times are of the whole way from a frame to an alpha of its size. Differences are the mean absolute
difference of alpha from the whole network's; no truth is needed.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from comparison import table, write_json

import tfmatting
from tfmatting.inference.easy_scenes import EasyScene, SwitchingPredictor
from tfmatting.video.reader import VideoReader

WHOLE, SWITCH, BRANCH = "whole network", "switch", "branch alone"


def measure(video: Path, predictor: SwitchingPredictor, count: int | None) -> dict[str, float]:
    """Times, differences and the share of easy frames of one clip."""
    whole = tfmatting.Predictor(predictor.runtime, refine=predictor.refine)
    switch = predictor.stream()
    streams = {WHOLE: whole.stream(), SWITCH: switch, BRANCH: predictor.small.stream()}
    seconds = dict.fromkeys(streams, 0.0)
    differences = dict.fromkeys(streams, 0.0)
    changes = dict.fromkeys(streams, 0.0)
    before: dict[str, np.ndarray] = {}
    for number, frame in enumerate(frames_of(video, count)):
        alphas = {}
        for name in (list(streams), list(streams)[::-1])[number % 2]:
            start = time.perf_counter()
            alphas[name] = streams[name].alpha(frame)
            seconds[name] += time.perf_counter() - start
        for name, alpha in alphas.items():
            differences[name] += float(np.abs(alpha - alphas[WHOLE]).mean())
            if before:
                changes[name] += float(np.abs(alpha - before[name]).mean())
        before = alphas
    total = switch.frames
    figures = {"frames": total, "easy frames": switch.easy_frames / total}
    for name in streams:
        figures[f"{name}, ms"] = 1000 * seconds[name] / total
        figures[f"{name}, ratio of time"] = seconds[name] / seconds[WHOLE]
        figures[f"{name}, difference of alpha"] = differences[name] / total
        figures[f"{name}, change between frames"] = changes[name] / max(total - 1, 1)
    return figures


def frames_of(video: Path, count: int | None):
    """The frames of a video, at most `count`."""
    with VideoReader(video) as reader:
        for number, frame in enumerate(reader.frames()):
            if number == count:
                return
            yield frame.pixels


def open_networks(
    weights: Path | None,
    branch: Path | None,
    folder: Path,
    threads: int | None,
    refine: bool,
) -> list[tfmatting.Predictor]:
    """Write the whole network and the branch as TFLite files and load them.

    Weights are random when none are given. The branch is written at the whole network's size.
    """
    model = tfmatting.load_model(weights) if weights else tfmatting.build("modnet", (256, 256))
    size = model.matting_config.input_size
    networks = []
    for name, source in (("whole", model), ("branch", branch or model)):
        path = folder / f"{name}.tflite"
        low = name == "branch"
        tfmatting.export(source, path, low_resolution=low, input_size=size if low else None)
        networks.append(tfmatting.load(path, threads=threads, refine=refine))
    return networks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("videos", type=Path, nargs="+")
    add("--weights", type=Path, help="a MODNet's .keras; random weights if omitted")
    add("--branch", type=Path, help="the branch's own .keras; that of --weights if omitted")
    add("--motion", type=float, nargs="+", default=[EasyScene.motion])
    add("--disagreement", type=float, default=EasyScene.disagreement)
    add("--scene", type=int, default=EasyScene.frames, help="frames until a scene is looked at")
    add("--frames", type=int, metavar="N", help="of each video; all if omitted")
    add("--threads", type=int, help="of the processor; all if omitted")
    add("--refine", action=argparse.BooleanOptionalAction, default=True)
    add("--json", type=Path, metavar="FILE", help="write the figures there")
    arguments = parser.parse_args()
    figures: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        networks = open_networks(
            arguments.weights,
            arguments.branch,
            Path(folder),
            arguments.threads,
            arguments.refine,
        )
        for motion in arguments.motion:
            easy = EasyScene(motion, arguments.disagreement, arguments.scene)
            switch = SwitchingPredictor(*networks, easy)
            for video in arguments.videos:
                clip = f"{video.name}, motion {motion:g}"
                figures[clip] = measure(video, switch, arguments.frames)
    header = ["clip", "easy", "way", "ms", "ratio", "|d alpha| x1e3", "change x1e3"]
    rows = [
        [
            clip,
            f"{own['easy frames']:.0%}",
            name,
            f"{own[f'{name}, ms']:.1f}",
            f"{own[f'{name}, ratio of time']:.2f}",
            f"{1e3 * own[f'{name}, difference of alpha']:.2f}",
            f"{1e3 * own[f'{name}, change between frames']:.2f}",
        ]
        for clip, own in figures.items()
        for name in (WHOLE, SWITCH, BRANCH)
    ]
    print(table(header, rows))
    write_json(arguments.json, figures)


if __name__ == "__main__":
    main()
