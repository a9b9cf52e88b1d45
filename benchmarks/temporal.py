"""How a model uses the past: flicker, a wrong prior, a person who enters and leaves.

    python benchmarks/temporal.py CLIP --models A.keras B.keras --empty PICTURE -o rows.png

CLIP holds `frames/` and `alpha/`. Each model mattes the clip as a video. Then its prior is turned
upside down in the middle of the clip, and frames are counted until the matte is as good as it was
without that. Last, frames of an empty picture are put before and after the person. The rows of the
drawing are the frames after the wrong prior and the mattes of each model.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from comparison import table, write_json

from tfmatting import metrics
from tfmatting.datasets.sources import read_all
from tfmatting.evaluation.evaluate import evaluate
from tfmatting.imaging.background import parse_background
from tfmatting.imaging.io import write_image
from tfmatting.imaging.refine import enlarge
from tfmatting.imaging.visualization import grey_to_rgb
from tfmatting.inference import load
from tfmatting.inference.predictor import Predictor

HARM = 0.002
"""An error this much above that of the undisturbed matte counts as harm."""
AFTER = 8
"""Frames that are judged after a disturbance."""
DISTURBED = (30, 60, 90, 120, 150, 180)
"""Frames before which the prior is turned upside down."""


def small_mattes(
    predictor: Predictor, frames: list[np.ndarray], spoilt: np.ndarray | None = None
) -> list[np.ndarray]:
    """Mattes at the size of the network, in one stream that begins with a prior."""
    prior, mattes = spoilt, []
    for frame in frames:
        prior = predictor.small_alpha(frame, prior)
        mattes.append(prior)
    return mattes


def recovery(
    predictor: Predictor, frames: list[np.ndarray], alphas: list[np.ndarray]
) -> tuple[float, int, list[np.ndarray]]:
    """Mean and largest number of frames that a wrong prior harms, and the last case's mattes."""
    calm = small_mattes(predictor, frames)

    def error(matte: np.ndarray, index: int) -> float:
        return float(np.abs(enlarge(matte, alphas[index].shape) - alphas[index]).mean())

    needed, mattes = [], []
    for start in (index for index in DISTURBED if index + AFTER <= len(frames)):
        spoilt = np.ascontiguousarray(calm[start - 1][::-1])
        mattes = small_mattes(predictor, frames[start : start + AFTER], spoilt)
        harmed = [
            number
            for number, matte in enumerate(mattes, start)
            if error(matte, number) > error(calm[number], number) + HARM
        ]
        needed.append(harmed[-1] + 1 - start if harmed else 0)
    return float(np.mean(needed)), max(needed), mattes


def visit(
    predictor: Predictor, frames: list[np.ndarray], alphas: list[np.ndarray], empty: np.ndarray
) -> dict[str, float]:
    """The error in the first frame with a person and in the others, and the mean alpha in the first
    empty frame after and in the others."""
    scene = [empty] * AFTER + frames[:AFTER] + [empty] * AFTER
    stream = predictor.stream()
    mattes = [stream.alpha(frame) for frame in scene]
    errors = [
        float(np.abs(matte - alpha).mean())
        for matte, alpha in zip(mattes[AFTER : 2 * AFTER], alphas, strict=False)
    ]
    left = [float(matte.mean()) for matte in mattes[2 * AFTER :]]
    return {
        "enters": errors[0],
        "stays": float(np.mean(errors[1:])),
        "leaves": left[0],
        "gone": float(np.mean(left[1:])),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--models", nargs="+", required=True)
    parser.add_argument("--empty", type=Path, required=True, help="a picture without people")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("-o", "--output", type=Path, help="a picture of the recovery")
    arguments = parser.parse_args()
    listing = read_all(str(arguments.clip))
    samples = [source.load() for source in listing.sources]
    frames = [sample.image for sample in samples]
    alphas = [sample.alpha.astype(np.float32) / 255 for sample in samples]
    size = alphas[0].shape
    behind = parse_background(str(arguments.empty))
    empty = behind.compose(frames[0], np.zeros(size, np.float32))
    entering = [
        behind.compose(frame, alpha) for frame, alpha in zip(frames[:AFTER], alphas, strict=False)
    ]
    drawn = [np.concatenate(frames[DISTURBED[-1] : DISTURBED[-1] + AFTER], axis=1)]
    figures = {}
    for name in arguments.models:
        predictor = load(name)
        means = evaluate(predictor, listing, metrics={"mad": metrics.mad}).means
        mean, most, disturbed = recovery(predictor, frames, alphas)
        figures["/".join(Path(name).parts[-4:])] = {
            "mad": means["mad"],
            "dtssd": means["dtssd"],
            "recovers": mean,
            "at most": most,
            **visit(predictor, entering, alphas, empty),
        }
        fitted = [enlarge(matte, size) for matte in disturbed]
        drawn.append(np.concatenate([grey_to_rgb(matte) for matte in fitted], axis=1))
    header = ["model", "MAD x1e3", "dtSSD x1e2", *list(next(iter(figures.values())))[2:]]
    rows = [
        [name, f"{1e3 * own['mad']:.2f}", f"{1e2 * own['dtssd']:.3f}"]
        + [f"{own['recovers']:.1f}", str(own["at most"])]
        + [f"{own[key]:.4f}" for key in ("enters", "stays", "leaves", "gone")]
        for name, own in figures.items()
    ]
    print(table(header, rows))
    write_json(arguments.json, figures)
    if arguments.output:
        write_image(arguments.output, np.concatenate(drawn, axis=0))


if __name__ == "__main__":
    main()
