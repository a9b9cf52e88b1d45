"""Peak memory of a model, measured in a process of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from tfmatting.child_python import run_python
from tfmatting.config import Size
from tfmatting.inference.predictor import Predictor
from tfmatting.inference.runtimes import open_runtime
from tfmatting.machine import own_peak_memory


def peak_memory(
    path: Path,
    threads: int | None = None,
    input_size: Size | None = None,
    delegate: str | Path | None = None,
) -> float:
    """Return the peak memory of a process that loads a model and runs it twice, in 10^6 bytes.

    Python and the packages of the runtime are included.
    """
    options = [threads, input_size, str(delegate) if delegate else None]
    result = run_python("-m", __name__, str(path), json.dumps(options))
    result.check_returncode()
    return float(result.stdout.split()[-1])


def noise_for(predictor: Predictor) -> np.ndarray:
    """Return uint8 noise [H, W, 3] at the size of a network."""
    size = (*predictor.input_size, 3)
    return np.random.default_rng(0).integers(0, 256, size).astype(np.uint8)


def _main(path: str, options: str) -> None:
    threads, input_size, delegate = json.loads(options)
    size = (input_size[0], input_size[1]) if input_size else None
    predictor = Predictor(open_runtime(path, threads, size, delegate))
    for _ in range(2):
        predictor.small_alpha(noise_for(predictor))
    print(own_peak_memory())


if __name__ == "__main__":
    _main(*sys.argv[1:])
