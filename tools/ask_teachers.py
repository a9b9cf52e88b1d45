"""Asks several networks for the alpha of every photo in a folder and keeps what they say.

    python tools/ask_teachers.py PHOTOS -o FOLDER --models portrait modnet.keras --selfie FILE

Every photo gives `FOLDER/NAME.png`, one channel a network (three at most) in the order of the
command line, MediaPipe's selfie model last. What is there already is kept, so that a stopped run
goes on where it was; `--part 0,2` and `--part 1,2` are the halves of the work for two processes.
`tools/vote_labels.py` makes labels of them.
"""

from __future__ import annotations

import argparse
import os
import random
from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter

from tfmatting.console import progress_bar
from tfmatting.datasets.vote import ask
from tfmatting.imaging.io import list_images, read_image, write_image
from tfmatting.inference import Predictor, load


class SelfieRuntime:
    """MediaPipe's selfie model: pixels / 255 in, one channel out, no signature."""

    input_names: tuple[str, ...] = ("image",)

    def __init__(self, path: Path, threads: int):
        self._interpreter = Interpreter(model_path=str(path), num_threads=threads)
        self._interpreter.allocate_tensors()
        self._input, self._output = (
            details[0]["index"]
            for details in (
                self._interpreter.get_input_details(),
                self._interpreter.get_output_details(),
            )
        )
        _, height, width, _ = self._interpreter.get_input_details()[0]["shape"]
        self.input_size = (int(height), int(width))

    def run(self, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """As `inference.runtimes.Runtime.run`."""
        self._interpreter.set_tensor(self._input, inputs["image"].astype(np.float32) / 255)
        self._interpreter.invoke()
        return {"alpha": self._interpreter.get_tensor(self._output)[..., :1]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path, nargs="+")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--models", nargs="+", required=True)
    parser.add_argument("--selfie", type=Path)
    parser.add_argument("--mirrored", action="store_true", help="ask --models both ways round")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--part", default="0,1", metavar="NUMBER,OF")
    arguments = parser.parse_args()
    teachers = [
        load(name, threads=arguments.threads, mirrored=arguments.mirrored)
        for name in arguments.models
    ]
    if arguments.selfie:
        teachers.append(Predictor(SelfieRuntime(arguments.selfie, arguments.threads)))
    if len(teachers) > 3:
        parser.error(f"A picture holds three opinions at most. Received: {len(teachers)} networks.")
    cv2.setNumThreads(arguments.threads)
    number, parts = (int(word) for word in arguments.part.split(","))
    paths = [path for folder in arguments.photos for path in list_images(folder)]
    random.Random(0).shuffle(paths)  # a run that is stopped has seen a bit of everything
    for path in progress_bar(paths[number::parts]):
        target = arguments.output / f"{path.stem}.png"
        if not target.is_file():
            write_image(target, ask([teacher.alpha for teacher in teachers], read_image(path)))


if __name__ == "__main__":
    main()
