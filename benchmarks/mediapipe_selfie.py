"""Latency beside MediaPipe's selfie model, in one interleaved run: photo in, mask of its size out.

    python benchmarks/mediapipe_selfie.py SELFIE --models a.tflite b.tflite

All files run in MediaPipe's own ImageSegmenter if TFMATTING_MEDIAPIPE_PYTHON names the Python that
MediaPipe is installed in. Otherwise LiteRT runs them: the times then hold the resampling of this
project and no copies into MediaPipe's graph, so the ratios of small models are larger.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from comparison import table, write_json

from tfmatting.console import progress_bar
from tfmatting.evaluation.latency import interleaved
from tfmatting.evaluation.selfie import SelfieSegmenter
from tfmatting.exporting.tflite.flatbuffer import add_metadata, read_tree, write_tree
from tfmatting.exporting.tflite.metadata import NAME, segmenter_metadata, with_labels
from tfmatting.inference import load

PYTHON = os.environ.get("TFMATTING_MEDIAPIPE_PYTHON")
SHAPE = (576, 432, 3)
TIMING = """
import json, sys, time
import mediapipe, numpy
from mediapipe.tasks.python import BaseOptions, vision

files, rounds, shape = json.loads(sys.argv[1])
pixels = numpy.random.default_rng(0).integers(0, 256, shape).astype("uint8")
picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=pixels)
segmenters = [
    vision.ImageSegmenter.create_from_options(
        vision.ImageSegmenterOptions(
            base_options=BaseOptions(model_asset_path=file),
            output_confidence_masks=True,
            output_category_mask=False,
        )
    )
    for file in files
]
times = [[] for _ in files]
for number in range(rounds + 3):
    for segmenter, own in zip(segmenters, times):
        start = time.perf_counter()
        segmenter.segment(picture)
        if number >= 3:
            own.append(1e3 * (time.perf_counter() - start))
print(json.dumps(times))
"""


def with_selfie_metadata(path: Path) -> bytes:
    """The selfie model's file with the metadata that ImageSegmenter needs; it takes x / 255."""
    tree = read_tree(path.read_bytes())
    text = segmenter_metadata("selfie segmentation", "MediaPipe's.", licence="", divisor=255.0)
    add_metadata(tree, NAME, text)
    return with_labels(write_tree(tree))


def in_mediapipe(python: str, selfie: Path, models: Sequence[Path], rounds: int):
    """Milliseconds of each round in MediaPipe's runtime, by file."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "selfie.tflite"
        copy.write_bytes(with_selfie_metadata(selfie))
        job = json.dumps([[str(path) for path in (copy, *models)], rounds, SHAPE])
        words = [python, "-c", TIMING, job]
        result = subprocess.run(words, capture_output=True, text=True, check=True)
    return json.loads(result.stdout.splitlines()[-1])


def in_litert(selfie: Path, models: Sequence[Path], rounds: int):
    """Milliseconds of each round in LiteRT, by file; mattes are enlarged without a guide."""
    loaded = [SelfieSegmenter(selfie), *(load(path, refine=False) for path in models)]
    photo = np.random.default_rng(0).integers(0, 256, SHAPE).astype(np.uint8)
    calls = [lambda model=model: model.alpha(photo) for model in loaded]
    return interleaved(calls, rounds, progress_bar)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("selfie", type=Path)
    parser.add_argument("--models", type=Path, nargs="+", required=True)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    arguments = parser.parse_args()
    job = arguments.selfie, arguments.models, arguments.rounds
    times = in_mediapipe(PYTHON, *job) if PYTHON else in_litert(*job)
    figures = {}
    for path, values in zip((arguments.selfie, *arguments.models), times, strict=True):
        low, median, high = np.percentile(values, (10, 50, 90))
        figures[path.name] = {
            "median": median,
            "low": low,
            "high": high,
            "ratio": median / np.median(times[0]),
            "megabytes": path.stat().st_size / 1e6,
        }
    print(f"in {'MediaPipe' if PYTHON else 'LiteRT'}, {SHAPE[0]}x{SHAPE[1]}")
    header = ["file", "median ms", "10-90 %", "ratio", "MB"]
    form = ("{median:.2f}", "{low:.1f} - {high:.1f}", "{ratio:.2f}", "{megabytes:.2f}")
    print(table(header, [[n, *(f.format(**own) for f in form)] for n, own in figures.items()]))
    write_json(arguments.json, figures)


if __name__ == "__main__":
    main()
