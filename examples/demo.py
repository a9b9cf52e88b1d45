"""Cuts a person out of a photo with pretrained models and shows the result.

`make demo` runs this. The photo is NASA's portrait of Eileen Collins (public domain), which comes
with scikit-image. Any other photo can be given as an argument.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

import tfmatting
from tfmatting.imaging.io import read_image, write_image
from tfmatting.imaging.visualization import grey_to_rgb
from tfmatting.inference import shipped_models

MODELS = ("portrait_fine", "portrait")
"""The default of photos, and a network that takes half of its time."""


def checkerboard(size: tuple[int, int], square: int = 16) -> np.ndarray:
    """Draw the pattern that stands for transparency, uint8 [H, W, 3]."""
    y, x = np.indices(size) // square
    return np.repeat(np.where((x + y) % 2, 230, 180)[..., None], 3, axis=2).astype(np.uint8)


def predict(name: str, photo: np.ndarray) -> np.ndarray:
    """Predict the matte with a pretrained model, and print how long that took."""
    predictor = tfmatting.load(name)
    predictor.alpha(photo)  # the first call initialises the runtime
    start = time.perf_counter()
    alpha = predictor.alpha(photo)
    milliseconds = 1000 * (time.perf_counter() - start)
    megabytes = shipped_models()[name].stat().st_size / 1e6
    height, width = photo.shape[:2]
    print(
        f"{name} ({megabytes:.1f} MB): {height}x{width} photo to alpha in {milliseconds:.0f} ms, "
        f"covering {alpha.mean():.0%}."
    )
    return alpha


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photo", nargs="?", type=Path, help="an astronaut if omitted")
    parser.add_argument("--output", type=Path, default=Path("demo"))
    arguments = parser.parse_args()
    if arguments.photo:
        photo = read_image(arguments.photo)
    else:
        from skimage import data

        photo = data.astronaut()
    alphas = [predict(name, photo) for name in MODELS]
    cutout = tfmatting.cutout(photo, model=MODELS[0])
    blurred = tfmatting.replace_background(photo, "blur", model=MODELS[0])
    opacity = cutout[..., 3:] / 255
    shown = cutout[..., :3] * opacity + checkerboard(photo.shape[:2]) * (1 - opacity)
    columns = [photo, *map(grey_to_rgb, alphas), shown.astype(np.uint8), blurred]
    sheet = np.concatenate(columns, axis=1)
    for name, picture in (("cutout", cutout), ("blurred", blurred), ("side_by_side", sheet)):
        write_image(arguments.output / f"{name}.png", picture)
    difference = float(np.abs(alphas[0] - alphas[1]).mean())
    print(f"The two mattes differ by {difference:.4f} on average.")
    print(
        "Photo, both mattes, cut-out and blurred background of the first: "
        f"{arguments.output / 'side_by_side.png'}"
    )


if __name__ == "__main__":
    main()
