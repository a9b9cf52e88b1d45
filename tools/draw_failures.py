"""Draws the failures of the models that ship, for their model card.

    python tools/draw_failures.py docs/failures.png

The photos are in the public domain and come with scikit-image. The first row shows the photos, and
each row below shows one model's mattes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from skimage import data

import tfmatting
from tfmatting.imaging.io import write_image
from tfmatting.imaging.resize import cover
from tfmatting.imaging.visualization import grey_to_rgb

MODELS = ("portrait", "portrait_lite")
SIZE = (224, 224)


def photos() -> list[np.ndarray]:
    """Return the photos in the order of the picture, uint8 [H, W, 3]."""
    astronaut = data.astronaut()
    height, width = astronaut.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 30, 1)
    turned = cv2.warpAffine(astronaut, turn, (width, height), borderMode=cv2.BORDER_REFLECT)
    grey = [grey_to_rgb(photo / 255) for photo in (data.camera(), data.coins(), data.clock())]
    return [turned, data.coffee(), data.chelsea(), *grey]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    columns = [cover(photo, SIZE) for photo in photos()]
    rows = [np.hstack(columns)]
    for name in MODELS:
        predictor = tfmatting.load(name)
        rows.append(np.hstack([grey_to_rgb(predictor.alpha(photo)) for photo in columns]))
    write_image(arguments.output, np.vstack(rows))


if __name__ == "__main__":
    main()
