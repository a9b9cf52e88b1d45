"""Cuts a person out of a real photo with the model that ships, and shows the result.

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
from tfmatting.imaging.io import alpha_to_uint8, read_image, write_image


def checkerboard(size: tuple[int, int], square: int = 16) -> np.ndarray:
    """What transparency is shown on, uint8 [H, W, 3]."""
    y, x = np.indices(size) // square
    return np.repeat(np.where((x + y) % 2, 230, 180)[..., None], 3, axis=2).astype(np.uint8)


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
    matter = tfmatting.load()
    matter.alpha(photo)  # the first call makes the runtime ready
    start = time.perf_counter()
    alpha = matter.alpha(photo)
    milliseconds = 1000 * (time.perf_counter() - start)
    cutout = parse_background("transparent").compose(photo, alpha)
    blurred = parse_background("blur").compose(photo, alpha)
    opacity = cutout[..., 3:].astype(float) / 255
    shown = cutout[..., :3] * opacity + checkerboard(photo.shape[:2]) * (1 - opacity)
    matte = np.repeat(alpha_to_uint8(alpha)[..., None], 3, axis=2)
    sheet = np.concatenate([photo, matte, shown.astype(np.uint8), blurred], axis=1)
    for name, picture in (("cutout", cutout), ("blurred", blurred), ("side_by_side", sheet)):
        write_image(arguments.output / f"{name}.png", picture)
    height, width = photo.shape[:2]
    print(f"{height}x{width} photo to alpha in {milliseconds:.0f} ms, covering {alpha.mean():.0%}.")
    print(f"Photo, matte, cut-out and blurred background: {arguments.output / 'side_by_side.png'}")


if __name__ == "__main__":
    main()
