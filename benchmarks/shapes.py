"""IoU on photos far longer than wide, squeezed to the network's shape and in stretches.

    python benchmarks/shapes.py --data DIR/val --backgrounds DIR [--scenes 12] [--json FILE]

People are cut out by their masks and composed into pictures without people: up to three in a wide
scene, one who stands in a tall one.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

import tfmatting
from tfmatting.datasets.sources import read_all
from tfmatting.imaging.io import list_images, read_image
from tfmatting.imaging.refine import enlarge
from tfmatting.imaging.resize import cover, resize
from tfmatting.metrics import iou

WIDE, TALL = (2, 3, 4, 6, 10), (3, 4, 6, 10)
SHORT = 480
"""Pixels of a scene's shorter side."""
STANDING = 2.0
"""Height over width of a person who stands."""


def cut_outs(folder: Path, standing: bool) -> list[tuple[np.ndarray, np.ndarray]]:
    """People and their mattes, cropped to them; those who stand, or all."""
    found = []
    for source in read_all(str(folder)).sources:
        sample = source.load()
        image, alpha = sample.image, sample.alpha
        x, y, width, height = cv2.boundingRect((alpha > 127).astype(np.uint8))
        if standing and height < STANDING * width:
            continue
        part = slice(y, y + height), slice(x, x + width)
        found.append((image[part], alpha[part]))
    return found


def compose(
    size: tuple[int, int], people: list, background: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A scene and its true alpha, both uint8."""
    scene, truth = cover(background, size).copy(), np.zeros(size, np.uint8)
    for image, alpha in people:
        factor = min(
            generator.uniform(0.6, 0.95) * size[0] / image.shape[0], 0.9 * size[1] / image.shape[1]
        )
        shape = round(image.shape[0] * factor), round(image.shape[1] * factor)
        image, alpha = resize(image, shape), resize(alpha, shape)
        left = int(generator.integers(0, size[1] - shape[1] + 1))
        part = slice(size[0] - shape[0], size[0]), slice(left, left + shape[1])
        opacity = alpha[..., None] / np.float32(255)
        scene[part] = np.round(image * opacity + scene[part] * (1 - opacity))
        truth[part] = np.maximum(truth[part], alpha)
    return scene, truth


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--backgrounds", type=Path, required=True)
    parser.add_argument("--model", default="portrait")
    parser.add_argument("--scenes", type=int, default=12)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    predictor = tfmatting.load(arguments.model)
    backgrounds = [read_image(path) for path in list_images(arguments.backgrounds)]
    figures = {}
    for standing, ratios in ((False, WIDE), (True, TALL)):
        people = cut_outs(arguments.data, standing)
        for ratio in ratios:
            generator = np.random.default_rng(ratio)
            size = (SHORT * ratio, SHORT) if standing else (SHORT, SHORT * ratio)
            rows = []
            for _ in range(arguments.scenes):
                count = 1 if standing else int(generator.integers(1, 4))
                chosen = [people[i] for i in generator.integers(0, len(people), count)]
                background = backgrounds[generator.integers(len(backgrounds))]
                scene, truth = compose(size, chosen, background, generator)
                squeezed = enlarge(predictor.small_alpha(scene), size)
                rows.append([iou(squeezed, truth / 255), iou(predictor.alpha(scene), truth / 255)])
            name = f"1:{ratio}" if standing else f"{ratio}:1"
            figures[name] = np.mean(rows, axis=0).tolist()
            print(name, "squeezed {:.3f}, in stretches {:.3f}".format(*figures[name]), flush=True)
    print("| |", " | ".join(figures), "|\n|---" * 1 + "|---" * len(figures) + "|")
    for index, title in enumerate(("squeezed", "in stretches")):
        values = " | ".join(f"{pair[index]:.3f}".lstrip("0") for pair in figures.values())
        print(f"| {title} | {values} |")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
