"""How much a matte changes from frame to frame where the picture does not.

Mean |alpha_t - alpha_(t-1)| over the pixels whose surroundings differ by less than `STILL` grey
levels between the frames; no truth is needed.

    python benchmarks/stillness.py VIDEO... --models A.keras B.keras
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from tfmatting.inference import load
from tfmatting.inference.predictor import Predictor
from tfmatting.video.reader import VideoReader

STILL = 1.0
"""Grey levels of 255; what a camera's noise leaves of a mean over `AROUND` pixels."""
AROUND = 9
"""Side of the surroundings, pixels."""


def still_change(predictor: Predictor, video: Path) -> tuple[float, float]:
    """Mean change of alpha in still regions, and the part of the pixels that is still."""
    stream, before = predictor.stream(), None
    changes: list[float] = []
    parts: list[float] = []
    with VideoReader(video) as reader:
        for frame in reader.frames():
            grey = cv2.blur(cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2GRAY), (AROUND, AROUND))
            now = grey.astype(np.float32), stream.alpha(frame.pixels)
            if before is not None:
                still = np.abs(now[0] - before[0]) < STILL
                parts.append(float(still.mean()))
                if still.any():
                    changes.append(float(np.abs(now[1] - before[1])[still].mean()))
            before = now
    return float(np.mean(changes)), float(np.mean(parts))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("videos", type=Path, nargs="+")
    parser.add_argument("--models", nargs="+", required=True)
    arguments = parser.parse_args()
    print(f"{'model':32}{'video':>28}{'change x1e3':>13}{'still':>8}")
    for name in arguments.models:
        predictor = load(name)
        for video in arguments.videos:
            change, still = still_change(predictor, video)
            label = "/".join(Path(name).parts[-4:])[-31:]
            print(f"{label:32}{video.name[-27:]:>28}{1e3 * change:13.3f}{still:8.2f}")


if __name__ == "__main__":
    main()
