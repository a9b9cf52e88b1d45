"""Models on everything that no training has seen, as one table and one JSON file.

    python benchmarks/held_out.py portrait candidate.keras --val DIR/val --soft DIR/soft_val \\
        --negatives PEOPLE_FREE BACKGROUNDS --kinds animal clothes --clips FRAMES -o figures.json

IoU and MAD are means over photos at their own size, over all and by the part of the names before
the first "_"; wide photos (width above height) are a group of their own. On soft truth also the MAD
within 7 pixels of what is half transparent, as in `portrait_quality.py`, and within 7 pixels of the
outline at 0.5 in either direction. Of the pictures without people, every third of each kind. Clips
are folders of `frames/` and `alpha/`, or of `alpha/` and films beside it.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from portrait_quality import near_edge

from tfmatting.console import progress_bar
from tfmatting.datasets.negatives import read_negatives
from tfmatting.datasets.sources import read_all
from tfmatting.evaluation.false_alarm import false_alarms
from tfmatting.files import write_text
from tfmatting.imaging.io import list_images, read_alpha, read_image
from tfmatting.inference import Predictor, load
from tfmatting.metrics import iou
from tfmatting.metrics.temporal import dtssd_step

Figures = dict[str, float]
OUTLINE = np.ones((15, 15), np.uint8)


def on_photos(predictor: Predictor, folder: Path, *, soft: bool) -> dict[str, Figures]:
    """Means over a folder's photos by group."""
    rows = defaultdict(list)
    for source in progress_bar(read_all(str(folder)).sources):
        sample = source.load()
        alpha, true = predictor.alpha(sample.image), sample.alpha.astype(np.float32) / 255
        error = np.abs(alpha - true)
        row = {"iou": iou(alpha, true), "mad": float(error.mean())}
        if soft:
            solid = (sample.alpha >= 128).astype(np.uint8)
            outline = cv2.dilate(solid, OUTLINE) != cv2.erode(solid, OUTLINE)
            row["edge"] = float(error[near_edge(sample.alpha)].mean())
            row["outline"] = float(error[outline].mean())
        wide = sample.image.shape[1] > sample.image.shape[0]
        for group in ("all", source.identifier.split("_")[0], *(("wide",) if wide else ())):
            rows[group].append(row)
    return {group: {**_means(own), "photos": len(own)} for group, own in rows.items()}


def on_clip(predictor: Predictor, frames: Iterator[np.ndarray], alphas: list[Path]) -> Figures:
    """MAD, near the edge too, and dtSSD of a clip that the model sees in order."""
    stream, rows, before = predictor.stream(), [], None
    for frame, path in zip(frames, progress_bar(alphas), strict=False):
        truth = read_alpha(path)
        alpha, true = stream.alpha(frame), truth.astype(np.float32) / 255
        error = np.abs(alpha - true)
        row = {"mad": float(error.mean()), "edge": float(error[near_edge(truth)].mean())}
        row["iou"] = iou(alpha, true)
        if before is not None:
            row["dtssd"] = dtssd_step(before[0], alpha, before[1], true)
        before = alpha, true
        rows.append(row)
    return _means(rows)


def clips(folder: Path) -> Iterator[tuple[str, Iterator[np.ndarray], list[Path]]]:
    """Name, frames and alphas of every clip in a folder."""
    alphas = list_images(folder / "alpha")
    if (folder / "frames").is_dir():
        yield folder.name, (read_image(path) for path in list_images(folder / "frames")), alphas
    for film in sorted(folder.glob("*.mp4")):
        yield film.stem, _frames(film), alphas


def _frames(film: Path) -> Iterator[np.ndarray]:
    capture = cv2.VideoCapture(str(film))
    while True:
        there, frame = capture.read()
        if not there:
            return
        yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)


def _means(rows: list[Figures]) -> Figures:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: float(np.mean([row[name] for row in rows if name in row])) for name in names}


def judge(predictor: Predictor, arguments: argparse.Namespace) -> dict[str, Figures]:
    """All figures of one model."""
    figures: dict[str, Figures] = {}
    for name, folder in (("val", arguments.val), ("soft", arguments.soft)):
        if folder:
            for group, own in on_photos(predictor, folder, soft=name == "soft").items():
                figures[f"{name} {group}"] = own
    for folder in arguments.negatives:
        for kind, split in read_negatives(folder, arguments.kinds).items():
            alarms = false_alarms(predictor, split.held_back, progress_bar)
            figures[kind] = {"alarms": alarms.alarms, "mean_alpha": alarms.mean_alpha}
            figures[kind]["photos"] = alarms.images
    for folder in arguments.clips:
        for name, frames, alphas in clips(folder):
            figures[name] = on_clip(predictor, frames, alphas)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("models", nargs="+")
    add("--val", type=Path)
    add("--soft", type=Path)
    add("--negatives", type=Path, nargs="*", default=[])
    add("--kinds", nargs="*", default=[])
    add("--clips", type=Path, nargs="*", default=[])
    add("--threads", type=int)
    add("-o", "--output", type=Path)
    arguments = parser.parse_args()
    document = {}
    for name in arguments.models:
        figures = document[name] = judge(load(name, threads=arguments.threads), arguments)
        print(name)
        for group, own in figures.items():
            print(f"  {group:16}" + "".join(f" {key} {value:.4f}" for key, value in own.items()))
        if arguments.output:
            write_text(arguments.output, json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
