"""Packs a training set into a small folder: JPEG photos and PNG mattes of a few hundred pixels.

    python tools/pack_training_set.py --masks DIR/train --vote VOTE --validation DIR/val \\
        --negatives PEOPLE_FREE BACKGROUNDS -o packed --side 320 --megabytes 60

Writes `packed/train`, `packed/val` (`image/` and `alpha/`) and `packed/negatives`, which
`tools/train_packed.py` reads. Only the negatives that may be trained on are packed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image
from train_on_vote import KINDS, read_samples

from tfmatting.console import progress_bar
from tfmatting.datasets.negatives import read_negatives
from tfmatting.datasets.sources import read_all
from tfmatting.errors import TfmattingError
from tfmatting.imaging.io import read_image, write_image
from tfmatting.imaging.resize import resize


def shrunk(picture: np.ndarray, side: int) -> np.ndarray:
    """A picture whose shorter side has `side` pixels at most, by averaging areas."""
    height, width = picture.shape[:2]
    factor = min(1.0, side / min(height, width))
    return resize(picture, (round(height * factor), round(width * factor)))


def write_pairs(sources: Iterable, folder: Path, side: int, quality: int) -> None:
    """Write samples as `image/NAME.jpg` and `alpha/NAME.png`; one that fails is named."""
    for kind in ("image", "alpha"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    for source in progress_bar(list(sources), unit="sample"):
        try:
            sample = source.load()
        except (TfmattingError, OSError) as error:
            print(f"Left out: {error}", file=sys.stderr)
            continue
        name = sample.identifier.replace("/", "_")
        write_jpeg(folder / "image" / f"{name}.jpg", shrunk(sample.image, side), quality)
        write_image(folder / "alpha" / f"{name}.png", shrunk(sample.alpha, side))


def write_jpeg(path: Path, picture: np.ndarray, quality: int) -> None:
    """Write a JPEG smaller than those that are looked at."""
    Image.fromarray(picture).save(path, quality=quality, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--masks", type=Path, nargs="*", default=[])
    add("--vote", type=Path, nargs="*", default=[])
    add("--validation", type=Path, required=True)
    add("--negatives", type=Path, nargs="*", default=[])
    add("-o", "--output", type=Path, required=True)
    add("--side", type=int, default=320, help="pixels of the shorter side")
    add("--quality", type=int, default=85, help="of the JPEGs")
    add("--megabytes", type=float, default=60, help="the most that may be written")
    arguments = parser.parse_args()
    if arguments.output.exists():
        sys.exit(f"{arguments.output} exists. Remove it, or give another --output.")
    temporary = arguments.output.with_name(arguments.output.name + ".part")
    shutil.rmtree(temporary, ignore_errors=True)
    people = read_samples(arguments.masks, arguments.vote)
    write_pairs(people, temporary / "train", arguments.side, arguments.quality)
    validation = read_all(str(arguments.validation)).sources
    write_pairs(validation, temporary / "val", arguments.side, arguments.quality)
    splits = [s for folder in arguments.negatives for s in read_negatives(folder, KINDS).values()]
    (temporary / "negatives").mkdir(parents=True)
    for path in progress_bar([path for split in splits for path in split.train], unit="picture"):
        picture = shrunk(read_image(path), arguments.side)
        write_jpeg(temporary / "negatives" / f"{path.stem}.jpg", picture, arguments.quality)
    size = sum(path.stat().st_size for path in temporary.rglob("*") if path.is_file()) / 1e6
    if size > arguments.megabytes:
        shutil.rmtree(temporary)
        sys.exit(
            f"A packed set has at most {arguments.megabytes:g} MB. Received: {size:.1f}. Lower "
            "--side or --quality."
        )
    temporary.rename(arguments.output)
    print(f"{arguments.output}: {size:.1f} MB")


if __name__ == "__main__":
    main()
