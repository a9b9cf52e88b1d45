"""How much of a model's error is that of the masks: where two models agree against them.

    python benchmarks/mask_errors.py SELFIE --data DIR/val -o suspects.png

A model and MediaPipe's selfie model (`SELFIE`) were trained apart. What both say and the mask
denies is therefore more likely an error of the mask than theirs, unless both fail in the same way.
All three are cut at 0.5. `-o` draws the photos where that part is largest, with the outline of the
mask in red and that of the matte in green.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from comparison import table, write_json

from tfmatting.console import progress_bar
from tfmatting.datasets.sample import SampleSource
from tfmatting.datasets.sources import read_all
from tfmatting.evaluation.scores import Row, by_prefix, means
from tfmatting.evaluation.selfie import SelfieSegmenter
from tfmatting.imaging.io import write_image
from tfmatting.imaging.resize import cover
from tfmatting.inference import Predictor, load

COLUMNS = 5
SIZE = (480, 360)
RED, GREEN = (255, 0, 0), (0, 255, 0)


def disagreements(mask: np.ndarray, ours: np.ndarray, other: np.ndarray) -> dict[str, float]:
    """The fractions of the pixels, bool [H, W] each, where a model or both differ from the mask."""
    differs = ours ^ mask, other ^ mask
    parts = {"model": differs[0], "selfie": differs[1], "both": differs[0] & differs[1]}
    return {name: float(part.mean()) for name, part in parts.items()}


def outlined(source: SampleSource, predictor: Predictor) -> np.ndarray:
    """The photo with the outlines of the mask and the matte."""
    sample = source.load()
    picture = sample.image.copy()
    width = max(1, round(max(picture.shape) / 200))
    for mask, colour in ((sample.alpha > 127, RED), (predictor.alpha(sample.image) > 0.5, GREEN)):
        lines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(picture, lines, -1, colour, width)
    return cover(picture, SIZE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("selfie", type=Path)
    parser.add_argument("--model", default="portrait")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("-o", "--output", type=Path, help="a picture of the suspected masks")
    arguments = parser.parse_args()
    predictor, selfie = load(arguments.model), SelfieSegmenter(arguments.selfie)
    sources = {source.identifier: source for source in read_all(str(arguments.data)).sources}
    rows = []
    for name in progress_bar(sources):
        sample = sources[name].load()
        cuts = [model.alpha(sample.image) > 0.5 for model in (predictor, selfie)]
        rows.append(Row(name, disagreements(sample.alpha > 127, *cuts)))
    groups = {"all": rows, **by_prefix(rows)}
    figures = {name: {"images": len(own), **means(own)} for name, own in groups.items()}
    print("pixels that differ from the mask, %")
    header = ["photos", "images", arguments.model, "MediaPipe", "both"]
    print(
        table(
            header,
            [
                [name, str(own["images"])]
                + [f"{100 * own[key]:.2f}" for key in ("model", "selfie", "both")]
                for name, own in figures.items()
            ],
        )
    )
    write_json(arguments.json, figures)
    if arguments.output:
        suspects = sorted(rows, key=lambda row: -row.figures["both"])[: 2 * COLUMNS]
        pictures = [outlined(sources[row.image], predictor) for row in suspects]
        halves = pictures[:COLUMNS], pictures[COLUMNS:]
        write_image(arguments.output, np.vstack([np.hstack(half) for half in halves if half]))


if __name__ == "__main__":
    main()
