"""Cuts a person out of a real photo with the models that ship, and shows the result.

`make demo` runs this. The photo is NASA's portrait of Eileen Collins (public domain), which
comes with scikit-image; any other may be given as an argument.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

import tfmatting
from tfmatting.imaging.background import parse_background
from tfmatting.imaging.io import read_image, write_image
from tfmatting.imaging.visualization import grey_to_rgb
from tfmatting.inference import shipped_models

MODELS = ("portrait", "portrait_int8")
"""The same network with weights in 16 bits, and all of it in 8."""


def checkerboard(size: tuple[int, int], square: int = 16) -> np.ndarray:
    """What transparency is shown on, uint8 [H, W, 3]."""
    y, x = np.indices(size) // square
    return np.repeat(np.where((x + y) % 2, 230, 180)[..., None], 3, axis=2).astype(np.uint8)


def matte(name: str, photo: np.ndarray) -> np.ndarray:
    """The matte of a model that ships; says how long it took."""
    predictor = tfmatting.load(name)
    predictor.alpha(photo)  # the first call makes the runtime ready
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
    parser.add_argument("photo", nargs="?", type=Path, help="the astronaut when omitted")
    parser.add_argument("--output", type=Path, default=Path("demo"))
    arguments = parser.parse_args()
    if arguments.photo:
        photo = read_image(arguments.photo)
    else:
        from skimage import data

        photo = data.astronaut()
    alphas = [matte(name, photo) for name in MODELS]
    alpha = alphas[0]
    cutout = parse_background("transparent").compose(photo, alpha)
    blurred = parse_background("blur").compose(photo, alpha)
    opacity = cutout[..., 3:].astype(float) / 255
    shown = cutout[..., :3] * opacity + checkerboard(photo.shape[:2]) * (1 - opacity)
    sheet = [photo, *map(grey_to_rgb, alphas), shown.astype(np.uint8), blurred]
    sheet = np.concatenate(sheet, axis=1)
    for name, picture in (("cutout", cutout), ("blurred", blurred), ("side_by_side", sheet)):
        write_image(arguments.output / f"{name}.png", picture)
    difference = float(np.abs(alphas[0] - alphas[1]).mean())
    print(f"The two mattes differ by {difference:.4f} on average.")
    print(
        "Photo, both mattes, the first's cut-out and blurred background: "
        f"{arguments.output / 'side_by_side.png'}"
    )


if __name__ == "__main__":
    main()
