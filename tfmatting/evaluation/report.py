"""The table, the file of rows and the picture of the worst images of an evaluation."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from tfmatting.datasets.sample import SampleSource
from tfmatting.errors import InputError
from tfmatting.evaluation.clips import Judged
from tfmatting.evaluation.scores import Row
from tfmatting.files import atomic_path, check_file
from tfmatting.imaging.compositing import blend
from tfmatting.imaging.io import write_image
from tfmatting.imaging.resize import fit_within
from tfmatting.imaging.visualization import grey_to_rgb

TABLE, WORST_SHEET = "images.csv", "worst.png"
WORST = 10
TILE = 240
CAPTION = 22
PRINTED = (
    ("iou", 1, "alpha >= 0.5"),
    ("dice", 1, "alpha >= 0.5"),
    ("mad", 1e3, "x1e3"),
    ("mse", 1e3, "x1e3"),
    ("sad", 1e-3, "/1000, sum over pixels"),
    ("grad", 1e-3, "/1000, sigma 1.4, no stretching"),
    ("conn", 1e-3, "/1000"),
    ("dtssd", 1e2, "x1e2, whole frames in order"),
    ("messddt", 1e3, "x1e3, along DIS optical flow"),
)
"""Name, factor and unit of the printed figures."""


def table(means: dict[str, float], images: int, region: str) -> str:
    """Return figures as text, with their unit, scale and region."""
    lines = [f"{images} images at their own size, region: {region}"]
    for name, factor, unit in PRINTED:
        if name not in means:  # photos do not flicker
            continue
        lines.append(f"  {name.upper():7} {means[name] * factor:10.4f}  {unit}")
    return "\n".join(lines)


def check_folder(output: Path) -> None:
    """Refuse, before the work, a folder that cannot be made or written to.

    Raises:
        InputError: it is a file, the user may not write there, or a folder of a file's name is in
            it.
    """
    if output.exists() and not output.is_dir():
        raise InputError(f"The output is a folder. Received a file: {output}.")
    paths = (output.absolute(), *output.absolute().parents)
    if not os.access(next(path for path in paths if path.exists()), os.W_OK):
        raise InputError(f"The output folder cannot be written to: {output}.")
    for name in (TABLE, WORST_SHEET):
        check_file(output / name)


def write_report(
    output: Path, predictor: Judged, rows: Sequence[Row], sources: Sequence[SampleSource]
) -> None:
    """Write `images.csv`, a row per image, and `worst.png`, the `WORST` images by MAD.

    Args:
        output: the folder.
        predictor: the model.
        rows: of the images that were judged.
        sources: of all images.
    """
    names = list(rows[0].figures)
    with (
        atomic_path(output / TABLE) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.DictWriter(file, ["image", *names], lineterminator="\n")
        writer.writeheader()
        writer.writerows({"image": row.image, **row.figures} for row in rows)
    if "mad" in names:
        by_name = {source.identifier: source for source in sources}
        worst = sorted(rows, key=lambda row: -row.figures["mad"])[:WORST]
        pairs = [(row.figures["mad"], by_name[row.image]) for row in worst]
        write_image(output / WORST_SHEET, worst_sheet(predictor, pairs))


def worst_sheet(predictor: Judged, worst: Sequence[tuple[float, SampleSource]]) -> np.ndarray:
    """Draw photo, predicted matte, true matte and cut-out of images, one row each.

    Args:
        predictor: the model.
        worst: MAD and source of each image.

    Returns:
        uint8 [H, W, 3].
    """
    return np.concatenate([_row(predictor, mad, source) for mad, source in worst], axis=0)


def _row(predictor: Judged, mad: float, source: SampleSource) -> np.ndarray:
    sample = source.load()
    alpha = predictor.alpha(sample.image)
    green = np.full_like(sample.image, (60, 160, 90))
    tiles = (
        sample.image,
        grey_to_rgb(alpha),
        grey_to_rgb(sample.alpha / 255),
        blend(sample.image, green, alpha),
    )
    row = np.concatenate([_tile(tile) for tile in tiles], axis=1)
    caption = np.full((CAPTION, row.shape[1], 3), 255, np.uint8)
    text = f"{source.identifier}  MAD x1e3 {mad * 1e3:.1f}   photo | predicted | true | cut-out"
    cv2.putText(caption, text, (6, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1, cv2.LINE_AA)
    return np.concatenate([caption, row], axis=0)


def _tile(picture: np.ndarray) -> np.ndarray:
    """Fit a picture into a grey square."""
    picture = fit_within(picture, TILE)
    tile = np.full((TILE, TILE, 3), 200, np.uint8)
    top, left = (TILE - picture.shape[0]) // 2, (TILE - picture.shape[1]) // 2
    tile[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return tile
