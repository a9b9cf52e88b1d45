"""Our files beside MediaPipe's selfie model, all run by MediaPipe's ImageSegmenter in one run.

The selfie model is the one of the npm package `@mediapipe/selfie_segmentation`; it lacks the
metadata that the segmenter asks for, which a copy of it is given here. Times are those of
`segment`: photo in, mask of the photo's size out. MediaPipe has a Python of its own:

    TFMATTING_MEDIAPIPE_PYTHON=.venv-mediapipe/bin/python \\
        python benchmarks/mediapipe_selfie.py selfie_segmentation.tflite --models a.tflite b.tflite
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path

from tfmatting.exporting.tflite.flatbuffer import add_metadata, read_tree, write_tree
from tfmatting.exporting.tflite.metadata import NAME, segmenter_metadata, with_labels

TIMING = """
import json, sys, time
import mediapipe, numpy
from mediapipe.tasks.python import BaseOptions, vision

files, rounds = json.loads(sys.argv[1]), int(sys.argv[2])
pixels = numpy.random.default_rng(0).integers(0, 256, (576, 432, 3)).astype("uint8")
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
print(json.dumps([[float(v) for v in numpy.percentile(own, (50, 10, 90))] for own in times]))
"""


def with_selfie_metadata(path: Path) -> bytes:
    """The selfie model's file with what ImageSegmenter wants to know; it takes pixels / 255."""
    tree = read_tree(path.read_bytes())
    text = segmenter_metadata("selfie segmentation", "MediaPipe's.", licence="", divisor=255.0)
    add_metadata(tree, NAME, text)
    return with_labels(write_tree(tree))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("selfie", type=Path)
    parser.add_argument("--models", type=Path, nargs="+", required=True)
    parser.add_argument("--rounds", type=int, default=60)
    arguments = parser.parse_args()
    python = os.environ["TFMATTING_MEDIAPIPE_PYTHON"]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "selfie.tflite"
        copy.write_bytes(with_selfie_metadata(arguments.selfie))
        files = [str(path) for path in (copy, *arguments.models)]
        words = [python, "-c", TIMING, json.dumps(files), str(arguments.rounds)]
        result = subprocess.run(words, capture_output=True, text=True, check=True)
    rows = json.loads(result.stdout.splitlines()[-1])
    print(f"{'file':40} {'median ms':>10} {'10-90 %':>13} {'ratio':>6} {'MB':>6}")
    paths = [arguments.selfie, *arguments.models]
    for path, (median, low, high) in zip(paths, rows, strict=True):
        size = path.stat().st_size / 1e6
        print(
            f"{path.name:40} {median:10.2f} {low:6.1f} -{high:5.1f} {median / rows[0][0]:6.2f}"
            f" {size:6.2f}"
        )


if __name__ == "__main__":
    main()
