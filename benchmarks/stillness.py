"""How much a matte changes from frame to frame where the picture does not.

    python benchmarks/stillness.py VIDEO... --models A.keras B.keras

It is the mean |alpha_t - alpha_(t-1)| over the pixels whose surroundings differ by less than
`STILL` grey levels between two frames. No truth is needed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from comparison import add_models, load_models, table, write_json

from tfmatting.evaluation.clips import Judged
from tfmatting.video.reader import VideoReader

STILL = 1.0
"""Grey levels of 255; what the noise of a camera leaves of a mean over `AROUND` pixels."""
AROUND = 9
"""Side of the surroundings in pixels."""


def still_change(model: Judged, video: Path) -> dict[str, float]:
    """Mean change of alpha in still regions, and the fraction of the pixels that is still."""
    stream, before = model.stream(), None
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
    return {"change": float(np.mean(changes)), "still": float(np.mean(parts))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("videos", type=Path, nargs="+")
    add_models(parser)
    arguments = parser.parse_args()
    figures = {
        name: {video.name: still_change(model, video) for video in arguments.videos}
        for name, model in load_models(arguments).items()
    }
    rows = [
        [name, video, f"{1e3 * own['change']:.3f}", f"{own['still']:.2f}"]
        for name, videos in figures.items()
        for video, own in videos.items()
    ]
    print(table(["model", "video", "change x1e3", "still"], rows))
    write_json(arguments.json, figures)


if __name__ == "__main__":
    main()
