"""What a model makes of a clip's past: flicker, a wrong prior, a person who enters and leaves.

Each model sees the clip as a video. Then its prior is turned upside down in the middle of the
clip, and frames are counted until its matte is as good as it was without that; and frames of an
empty picture are put before and behind the person. Rows of the picture: the frames after the
wrong prior, and what every model made of them.

    python benchmarks/temporal.py CLIP --models A.keras B.keras --empty PICTURE -o rows.png

CLIP holds frames/ and alpha/.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from tfmatting.datasets.sources import read_all
from tfmatting.imaging.background import parse_background
from tfmatting.imaging.io import write_image
from tfmatting.imaging.refine import enlarge
from tfmatting.imaging.visualization import grey_to_rgb
from tfmatting.inference import load
from tfmatting.inference.predictor import Predictor
from tfmatting.metrics.temporal import dtssd_step

HARM = 0.002
"""Mean error above that of the undisturbed matte that counts as harm."""
AFTER = 8
"""Frames looked at after a disturbance."""
DISTURBED = (30, 60, 90, 120, 150, 180)
"""Frames before which the prior is spoilt."""


def small_mattes(
    predictor: Predictor, frames: list[np.ndarray], spoilt: np.ndarray | None = None
) -> list[np.ndarray]:
    """Mattes at the network's size, in one stream that begins with a prior."""
    prior, mattes = spoilt, []
    for frame in frames:
        prior = predictor.small_alpha(frame, prior)
        mattes.append(prior)
    return mattes


def recovery(
    predictor: Predictor, frames: list[np.ndarray], alphas: list[np.ndarray]
) -> tuple[float, int, list[np.ndarray]]:
    """Mean and most frames until a wrong prior does no more harm, and the last one's mattes."""
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
) -> tuple[float, float, float, float]:
    """Error in the first frame with a person and in the others, mean alpha in the first frame
    after and in the others."""
    scene = [empty] * AFTER + frames[:AFTER] + [empty] * AFTER
    stream = predictor.stream()
    mattes = [stream.alpha(frame) for frame in scene]
    errors = [
        float(np.abs(matte - alpha).mean())
        for matte, alpha in zip(mattes[AFTER : 2 * AFTER], alphas, strict=False)
    ]
    left = [float(matte.mean()) for matte in mattes[2 * AFTER :]]
    return errors[0], float(np.mean(errors[1:])), left[0], float(np.mean(left[1:]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--models", nargs="+", required=True)
    parser.add_argument("--empty", type=Path, required=True, help="a picture without people")
    parser.add_argument("-o", "--output", type=Path, help="a picture of the recovery")
    arguments = parser.parse_args()
    samples = [source.load() for source in read_all(str(arguments.clip)).sources]
    frames = [sample.image for sample in samples]
    alphas = [sample.alpha.astype(np.float32) / 255 for sample in samples]
    height, width = alphas[0].shape
    picture = parse_background(str(arguments.empty))
    empty = picture.compose(frames[0], np.zeros((height, width), np.float32))
    entering = [
        picture.compose(frame, alpha) for frame, alpha in zip(frames[:AFTER], alphas, strict=False)
    ]
    print(
        f"{'model':32}{'MAD x1e3':>9}{'dtSSD x1e2':>11}{'recovers in':>12}{'at most':>8}"
        f"{'enters':>8}{'stays':>8}{'leaves':>8}{'gone':>8}"
    )
    rows = [np.concatenate(frames[DISTURBED[-1] : DISTURBED[-1] + AFTER], axis=1)]
    for name in arguments.models:
        predictor = load(name)
        stream = predictor.stream()
        mattes = [stream.alpha(frame) for frame in frames]
        mad = np.mean([np.abs(m - a).mean() for m, a in zip(mattes, alphas, strict=True)])
        pairs = zip(mattes, mattes[1:], alphas, alphas[1:], strict=False)
        flicker = np.mean([dtssd_step(*pair) for pair in pairs])
        mean, most, disturbed = recovery(predictor, frames, alphas)
        visits = visit(predictor, entering, alphas, empty)
        label = "/".join(Path(name).parts[-4:])[-31:]
        print(
            f"{label:32}{1e3 * mad:9.2f}{1e2 * flicker:11.3f}{mean:12.1f}{most:8}"
            + "".join(f"{value:8.4f}" for value in visits)
        )
        fitted = [enlarge(matte, (height, width)) for matte in disturbed]
        rows.append(np.concatenate([grey_to_rgb(matte) for matte in fitted], axis=1))
    if arguments.output:
        write_image(arguments.output, np.concatenate(rows, axis=0))


if __name__ == "__main__":
    main()
