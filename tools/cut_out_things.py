"""Cuts animals and clothes out by what networks wrongly see in them.

    python tools/cut_out_things.py PHOTOS OPINIONS -o THINGS

OPINIONS come from `tools/ask_teachers.py` on pictures without people. Their largest value, where a
piece of it is thick, becomes `THINGS/alpha/NAME.png`; `THINGS/image/` links to the pictures. What
covers less than 4 or more than 80 % of its picture is left out.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from tfmatting.datasets.vote import thick_parts
from tfmatting.imaging.io import list_images, read_image, write_image

SHARES = (0.04, 0.8)
THICK, RIM = 4, 9
"""Pixels: what holds a disc of this radius counts, and so wide a rim around it."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("opinions", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    count = 0
    for path in list_images(arguments.photos):
        asked = arguments.opinions / f"{path.stem}.png"
        if not asked.is_file():
            continue
        alpha = read_image(asked).max(axis=2)
        thick = thick_parts(alpha >= 128, THICK).astype(np.uint8)
        alpha = np.where(cv2.dilate(thick, np.ones((RIM, RIM), np.uint8)) > 0, alpha, 0)
        if not SHARES[0] < (alpha > 127).mean() < SHARES[1]:
            continue
        image = arguments.output / "image" / path.name
        image.parent.mkdir(parents=True, exist_ok=True)
        if not image.exists():
            image.symlink_to(path.resolve())
        write_image(arguments.output / "alpha" / f"{path.stem}.png", alpha.astype(np.uint8))
        count += 1
    print(f"{count} things")


if __name__ == "__main__":
    main()
