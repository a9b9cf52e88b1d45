"""`tfmatting matte`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tfmatting.cli.arguments import add_model
from tfmatting.console import progress_bar
from tfmatting.errors import InputError
from tfmatting.imaging.background import Background, parse_background
from tfmatting.imaging.foreground import ESTIMATORS
from tfmatting.imaging.io import (
    IMAGE_SUFFIXES,
    alpha_to_uint8,
    list_images,
    read_image,
    write_image,
)
from tfmatting.imaging.visualization import beside_photo
from tfmatting.inference import Predictor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add = parser.add_argument
    add("photos", nargs="+", type=Path, metavar="PHOTO|DIR")
    add("-o", "--output", type=Path, required=True, metavar="OUT", help="a picture, or a folder")
    add_model(parser)
    add(
        "--background",
        default="transparent",
        metavar="transparent|blur|#rrggbb|IMAGE",
        help="what goes behind the person",
    )
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--alpha", action="store_true", help="write the matte alone, grey")
    shown.add_argument(
        "--visualize", action="store_true", help="photo, matte or classes, and both, side by side"
    )
    add(
        "--threshold",
        type=float,
        metavar="X",
        help="a mask instead of a soft matte: 1 where alpha is at least X, else 0",
    )
    add("--refine", action=argparse.BooleanOptionalAction, default=True, help="guided filter")
    add("--foreground", choices=ESTIMATORS, default=ESTIMATORS[0], help="colour estimation")
    add("--blur-strength", type=float, default=0.02, metavar="X", help="sigma / longer side")
    add(
        "--halo-free",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="keep the person's colours out of the blur",
    )


def run(arguments: argparse.Namespace) -> int:
    """Cut out every photo; a broken one is reported and the others go on."""
    from tfmatting.inference import load

    background = parse_background(
        arguments.background, arguments.blur_strength, arguments.halo_free
    )
    threshold = arguments.threshold
    if threshold is not None and not 0 < threshold < 1:
        raise InputError(f"A threshold lies between 0 and 1. Received: {threshold}.")
    jobs = list(_jobs(arguments, background))
    predictor = load(arguments.model, refine=arguments.refine, threads=arguments.threads)
    failures = []
    for photo, target in progress_bar(jobs) if len(jobs) > 1 else jobs:
        try:
            image = read_image(photo)
            alpha = predictor.alpha(image)
            if threshold is not None:
                alpha = (alpha >= threshold).astype(np.float32)
            write_image(target, _picture(image, alpha, predictor, background, arguments))
        except (ValueError, OSError) as error:
            if len(jobs) == 1:
                raise
            failures.append(f"{photo}: {error}")
    for failure in failures:
        print(f"tfmatting matte: {failure}", file=sys.stderr)
    written = len(jobs) - len(failures)
    where = jobs[0][1] if len(jobs) == 1 else arguments.output
    print(f"{written} of {len(jobs)} written: {where}")
    return 2 if failures else 0


def _picture(
    image: np.ndarray,
    alpha: np.ndarray,
    predictor: Predictor,
    background: Background,
    arguments: argparse.Namespace,
) -> np.ndarray:
    if arguments.alpha:
        return alpha_to_uint8(alpha)
    if arguments.visualize:
        return beside_photo(image, alpha, predictor.labels(image))
    return background.compose(image, alpha, arguments.foreground)


def _jobs(arguments: argparse.Namespace, background: Background) -> Iterator[tuple[Path, Path]]:
    """Pairs of photo and output file, each output once.

    Raises:
        ValueError: no pictures in a folder, several photos for one file, or two photos whose
            outputs have one name.
    """
    photos: list[Path] = []
    for path in arguments.photos:
        found = list_images(path) if path.is_dir() else [path]
        if not found:
            raise InputError(f"No pictures in {path}. Supported: {', '.join(IMAGE_SUFFIXES)}.")
        photos += found
    output = arguments.output
    single_file = output.suffix.lower() in IMAGE_SUFFIXES and not output.is_dir()
    if single_file and len(photos) == 1:
        if photos[0].resolve() == output.resolve():
            raise InputError(f"The photo would be overwritten: {output}. Give another name.")
        yield photos[0], output
        return
    if single_file:
        raise InputError(f"{len(photos)} photos need a folder. Received: -o {output}.")
    if output.suffix and not output.is_dir():
        raise InputError(
            f"A picture's name ends in {', '.join(IMAGE_SUFFIXES)}. Received: {output.name!r}."
        )
    taken: dict[Path, Path] = {}
    for photo in photos:
        opaque = not arguments.alpha and (arguments.visualize or background.opaque)
        target = output / f"{photo.stem}{'.jpg' if opaque else '.png'}"
        if target in taken:
            raise InputError(f"{photo} and {taken[target]} would both become {target}.")
        if target.resolve() == photo.resolve():
            raise InputError(f"The photo would be overwritten: {target}. Give another folder.")
        taken[target] = photo
        yield photo, target
