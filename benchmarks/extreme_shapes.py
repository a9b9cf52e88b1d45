"""IoU on panoramas and scrolls: photos squeezed to the network, and matted in stretches.

    python benchmarks/extreme_shapes.py --val DIR/val --people-free DIR [--model portrait]

A scene is a photo without people, cropped to the shape, with people of the validation photos in
it: one to three side by side, as high as a wide scene, and one standing in a tall scene, cut out
by their masks. All shapes are made of the same people. The shorter side has 512 pixels.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from tfmatting.datasets.sources import read_all
from tfmatting.imaging.io import list_images, read_image
from tfmatting.imaging.resize import cover, resize
from tfmatting.inference import Predictor, load
from tfmatting.metrics import iou

SIDE, MOST = 512, 3
WIDE, TALL = (2, 3, 4, 6, 10), (3, 4, 6, 10)
STANDING = 1.7
"""Height over width of a mask's box, from which on the person stands."""
Person = tuple[np.ndarray, np.ndarray]
"""uint8 [H, W, 3] and alpha float32 [H, W], cropped to the person."""


def cut_out(image: np.ndarray, alpha: np.ndarray) -> Person:
    """Crop a photo and its alpha to the box of the person."""
    left, top, width, height = cv2.boundingRect((alpha >= 128).astype(np.uint8))
    box = slice(top, top + height), slice(left, left + width)
    return image[box], alpha[box].astype(np.float32) / 255


def put(scene: np.ndarray, truth: np.ndarray, person: Person, left: int, top: int) -> None:
    """Lay a person over a scene, in place."""
    image, alpha = person
    box = slice(top, top + alpha.shape[0]), slice(left, left + alpha.shape[1])
    weight = alpha[..., None]
    scene[box] = (scene[box] * (1 - weight) + image * weight + 0.5).astype(np.uint8)
    truth[box] = np.maximum(truth[box], alpha)


def scaled(person: Person, factor: float) -> Person:
    """A person of another size."""
    height, width = (max(1, round(side * factor)) for side in person[1].shape)
    return resize(person[0], (height, width)), resize(person[1], (height, width))


def wide_scene(backdrop: np.ndarray, people: list[Person], random: np.random.Generator):
    """Up to three people as high as the scene, at random places side by side."""
    scene = backdrop.copy()
    truth = np.zeros(scene.shape[:2], np.float32)
    count = min(int(random.integers(1, MOST + 1)), scene.shape[1] // SIDE)
    room = scene.shape[1] // count
    for number, person in enumerate(people[:count]):
        person = scaled(person, min(0.9 * SIDE / person[1].shape[0], room / person[1].shape[1]))
        height, width = person[1].shape
        put(
            scene,
            truth,
            person,
            number * room + int(random.integers(room - width + 1)),
            SIDE - height,
        )
    return scene, truth


def tall_scene(backdrop: np.ndarray, people: list[Person], random: np.random.Generator):
    """One standing person, up to twice as high as the scene is wide, at a random height."""
    scene = backdrop.copy()
    truth = np.zeros(scene.shape[:2], np.float32)
    person = people[0]
    person = scaled(person, min(2 * SIDE / person[1].shape[0], 0.9 * SIDE / person[1].shape[1]))
    height, width = person[1].shape
    put(scene, truth, person, (SIDE - width) // 2, int(random.integers(len(scene) - height + 1)))
    return scene, truth


def squeezed(predictor: Predictor, image: np.ndarray) -> np.ndarray:
    """Alpha of the photo taken whole, whatever its shape."""
    return cv2.resize(predictor.small_alpha(image), image.shape[1::-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--val", type=Path, required=True)
    parser.add_argument("--people-free", type=Path, required=True)
    parser.add_argument("--model", default="portrait")
    parser.add_argument("--scenes", type=int, default=12, help="of each shape")
    arguments = parser.parse_args()
    predictor = load(arguments.model)
    samples = [source.load() for source in read_all(str(arguments.val)).sources]
    people = [cut_out(sample.image, sample.alpha) for sample in samples]
    standing = [one for one in people if one[1].shape[0] > STANDING * one[1].shape[1]]
    backdrops = [read_image(path) for path in list_images(arguments.people_free)]
    print("| shape | squeezed | in stretches |\n|---|---|---|")
    for wide, ratio in [*((True, ratio) for ratio in WIDE), *((False, ratio) for ratio in TALL)]:
        random = np.random.default_rng(0)
        size = (SIDE, ratio * SIDE) if wide else (ratio * SIDE, SIDE)
        compose, among = (wide_scene, people) if wide else (tall_scene, standing)
        figures = []
        for _ in range(arguments.scenes):
            chosen = [among[index] for index in random.choice(len(among), MOST, replace=False)]
            backdrop = cover(backdrops[random.integers(len(backdrops))], size)
            image, truth = compose(backdrop, chosen, random)
            mattes = squeezed(predictor, image), predictor.alpha(image)
            figures.append([iou(matte, truth) for matte in mattes])
        before, after = np.mean(figures, axis=0)
        shape = f"{ratio}:1" if wide else f"1:{ratio}"
        print(f"| {shape} | {before:.3f} | {after:.3f} |", flush=True)


if __name__ == "__main__":
    main()
