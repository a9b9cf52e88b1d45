"""Draws where the models that ship fail, for their model card: public-domain photos, and mattes.

    python tools/draw_failures.py docs/failures.png

The photos come with scikit-image. Rows: the photo, then the matte of each model.
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
    """The photos in the picture's order, uint8 [H, W, 3]."""
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
