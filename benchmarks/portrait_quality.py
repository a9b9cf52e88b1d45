"""Models for photos side by side: overlap, false alarms, soft edges; MediaPipe's among them.

    python benchmarks/portrait_quality.py --models portrait portrait_lite --data DIR/val \\
        --backgrounds DIR --clips STILL MOVING

IoU and MAD are of whole photos at their own size, over all and by the part of the names before
the first "_". False alarms are those of `tfmatting evaluate --backgrounds`. `--clips` are folders
of `frames/` and `alpha/` with soft truth: the MAD within 7 pixels of the true edge, which is where
alpha lies between 0 and 1.

`--selfie FILE` adds MediaPipe's selfie model of the npm package `@mediapipe/selfie_segmentation`,
run by MediaPipe's own ImageSegmenter under the Python that TFMATTING_MEDIAPIPE_PYTHON names.
"""

from __future__ import annotations

import argparse
import os
import struct
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from mediapipe_selfie import with_selfie_metadata

from tfmatting.console import progress_bar
from tfmatting.datasets.backgrounds import read_backgrounds
from tfmatting.datasets.sources import read_all
from tfmatting.evaluation.evaluate import score
from tfmatting.evaluation.false_alarm import false_alarms
from tfmatting.imaging.io import write_image
from tfmatting.imaging.resize import resize
from tfmatting.imaging.visualization import grey_to_rgb
from tfmatting.inference import load

EDGE = 7
CROP = (192, 192)
SERVER = """
import struct, sys
import mediapipe, numpy
from mediapipe.tasks.python import BaseOptions, vision

options = vision.ImageSegmenterOptions(
    base_options=BaseOptions(model_asset_path=sys.argv[1]),
    output_confidence_masks=True,
    output_category_mask=False,
)
segmenter = vision.ImageSegmenter.create_from_options(options)
while header := sys.stdin.buffer.read(8):
    height, width = struct.unpack("<ii", header)
    pixels = numpy.frombuffer(sys.stdin.buffer.read(3 * height * width), numpy.uint8)
    picture = mediapipe.Image(
        image_format=mediapipe.ImageFormat.SRGB, data=pixels.reshape(height, width, 3).copy()
    )
    mask = segmenter.segment(picture).confidence_masks[-1].numpy_view()
    sys.stdout.buffer.write(mask.astype(numpy.float32).tobytes())
    sys.stdout.buffer.flush()
"""


class Judged(Protocol):
    """What a model must do to be judged here; `Predictor` does."""

    def alpha(self, image: np.ndarray) -> np.ndarray: ...

    def stream(self) -> Any: ...


class Selfie:
    """MediaPipe's selfie model behind `Predictor`'s two methods."""

    def __init__(self, path: Path, folder: Path):
        copy = folder / "selfie.tflite"
        copy.write_bytes(with_selfie_metadata(path))
        python = os.environ["TFMATTING_MEDIAPIPE_PYTHON"]
        self._process = subprocess.Popen(
            [python, "-c", SERVER, str(copy)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def alpha(self, image: np.ndarray) -> np.ndarray:
        """As `Predictor.alpha`."""
        height, width = image.shape[:2]
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin and stdout
        stdin.write(struct.pack("<ii", height, width) + np.ascontiguousarray(image).tobytes())
        stdin.flush()
        values = np.frombuffer(stdout.read(4 * height * width), np.float32)
        return values.reshape(height, width)

    def stream(self) -> Selfie:
        """Frames as photos: the segmenter is asked in image mode."""
        return self


def overlap(predictor: Judged, data: Path) -> dict[str, tuple[float, float]]:
    """(IoU, MAD) over all photos and by group."""
    rows = defaultdict(list)
    for source in progress_bar(read_all(data).sources):
        sample = source.load()
        values = score(predictor.alpha(sample.image), sample)
        for group in ("all", source.identifier.split("_")[0]):
            rows[group].append((values["iou"], values["mad"]))
    return {group: tuple(np.mean(own, axis=0)) for group, own in rows.items()}


def edge_mad(predictor: Judged, clip: Path) -> float:
    """Mean absolute difference over all frames' `near_edge`."""
    errors, stream = [], predictor.stream()
    for source in progress_bar(read_all(clip).sources):
        sample = source.load()
        error = np.abs(stream.alpha(sample.image) - sample.alpha.astype(np.float32) / 255)
        errors.append(error[near_edge(sample.alpha)].mean())
    return float(np.mean(errors))


def near_edge(alpha: np.ndarray) -> np.ndarray:
    """Pixels not further than `EDGE` from one that is half transparent, bool [H, W]."""
    elsewhere = ((alpha == 0) | (alpha == 255)).astype(np.uint8)
    return cv2.distanceTransform(elsewhere, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) <= EDGE


def hair_strip(predictors: dict[str, Judged], clips: list[Path]) -> np.ndarray:
    """Rows of frames, the part around the hair: frame, truth, every model's matte."""
    rows = []
    for clip in clips:
        sources = read_all(clip).sources
        for source in sources[:: max(1, len(sources) // 2)][:2]:
            sample = source.load()
            part = _top(sample.alpha)
            truth = sample.alpha.astype(np.float32) / 255
            mattes = [predictor.alpha(sample.image) for predictor in predictors.values()]
            crops = [grey_to_rgb(matte[part]) for matte in (truth, *mattes)]
            rows.append(np.hstack([resize(crop, CROP) for crop in (sample.image[part], *crops)]))
    return np.vstack(rows)


def _top(alpha: np.ndarray) -> tuple[slice, slice]:
    """The square around the upper outline of a person."""
    ys, xs = np.nonzero(alpha > 127)
    side = 2 * min(alpha.shape) // 3
    top = max(0, int(ys.min()) - side // 5)
    left = int(np.clip(np.median(xs[ys < ys.min() + side // 2]) - side / 2, 0, None))
    return slice(top, top + side), slice(left, left + side)


def report(name: str, predictor: Judged, arguments: argparse.Namespace) -> None:
    """Print a model's figures."""
    print(name)
    if arguments.data:
        for group, (iou, mad) in overlap(predictor, arguments.data).items():
            print(f"  {group:12} IoU {iou:.4f}   MAD {1e3 * mad:5.1f} x1e-3")
    if arguments.backgrounds:
        paths = read_backgrounds(arguments.backgrounds).held_back
        print(f"  {false_alarms(predictor, paths, progress_bar).line()}")
    for clip in arguments.clips:
        print(
            f"  {clip.name}: MAD within {EDGE} pixels of the edge {edge_mad(predictor, clip):.4f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", default=["portrait"])
    parser.add_argument("--selfie", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--backgrounds", type=Path)
    parser.add_argument("--clips", type=Path, nargs="*", default=[])
    parser.add_argument("-o", "--output", type=Path, help="a picture of hair from the clips")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        predictors: dict[str, Judged] = {}
        if arguments.selfie:
            predictors["MediaPipe selfie"] = Selfie(arguments.selfie, Path(folder))
        predictors |= {name: load(name) for name in arguments.models}
        for name, predictor in predictors.items():
            report(name, predictor, arguments)
        if arguments.output:
            write_image(arguments.output, hair_strip(predictors, arguments.clips))


if __name__ == "__main__":
    main()
