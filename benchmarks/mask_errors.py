"""How much of a model's error is the masks': where two models agree against them.

    python benchmarks/mask_errors.py SELFIE --data DIR/val -o suspects.png

A model and MediaPipe's selfie model (`SELFIE`, see portrait_quality.py) were trained apart, so
what both say and the mask denies is rather the mask's error than theirs, except where both fail in
the same way. All three are cut at 0.5. `-o` draws the photos where that part is largest, the mask
outlined in red and the model's matte in green.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
from portrait_quality import Judged, Selfie

from tfmatting.console import progress_bar
from tfmatting.datasets.sample import SampleSource
from tfmatting.datasets.sources import read_all
from tfmatting.imaging.io import write_image
from tfmatting.imaging.resize import cover
from tfmatting.inference import load

COLUMNS = 5
SIZE = (480, 360)
MASK, MATTE = (255, 0, 0), (0, 255, 0)


def disagreements(mask: np.ndarray, ours: np.ndarray, other: np.ndarray) -> tuple[float, ...]:
    """Parts of the pixels, of bool [H, W] each.

    Returns:
        Where ours differs from the mask, where the other does, where both do.
    """
    differs = ours ^ mask, other ^ mask
    return tuple(float(part.mean()) for part in (*differs, differs[0] & differs[1]))


def outlined(source: SampleSource, predictor: Judged) -> np.ndarray:
    """The photo with the mask's and the matte's outlines."""
    sample = source.load()
    picture = sample.image.copy()
    width = max(1, round(max(picture.shape) / 200))
    for mask, colour in ((sample.alpha > 127, MASK), (predictor.alpha(sample.image) > 0.5, MATTE)):
        lines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(picture, lines, -1, colour, width)
    return cover(picture, SIZE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("selfie", type=Path)
    parser.add_argument("--model", default="portrait")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("-o", "--output", type=Path, help="a picture of the suspected masks")
    arguments = parser.parse_args()
    predictor, rows, suspects = load(arguments.model), defaultdict(list), []
    with tempfile.TemporaryDirectory() as folder:
        selfie = Selfie(arguments.selfie, Path(folder))
        for source in progress_bar(read_all(arguments.data).sources):
            sample = source.load()
            cuts = [judged.alpha(sample.image) > 0.5 for judged in (predictor, selfie)]
            parts = disagreements(sample.alpha > 127, *cuts)
            suspects.append((parts[2], source))
            for group in ("all", source.identifier.split("_")[0]):
                rows[group].append(parts)
    for group, parts in rows.items():
        ours, other, both = 100 * np.mean(parts, axis=0)
        print(
            f"{group:6} {len(parts):4} photos: {arguments.model} differs from the mask on "
            f"{ours:.2f} % of the pixels, MediaPipe on {other:.2f} %, both on {both:.2f} %"
        )
    if arguments.output:
        suspects.sort(key=lambda suspect: -suspect[0])
        pictures = [outlined(source, predictor) for _, source in suspects[: 2 * COLUMNS]]
        halves = pictures[:COLUMNS], pictures[COLUMNS:]
        write_image(arguments.output, np.vstack([np.hstack(half) for half in halves if half]))


if __name__ == "__main__":
    main()
