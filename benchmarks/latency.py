"""Latency of one photo at the network's size, several files in one interleaved run.

Rounds go through all models in turn, so that each meets the same machine; medians are compared as
ratios to the first. `.keras` files are timed twice: as the traced function that `matte` runs, and
as `keras.Model.predict`.

    python benchmarks/latency.py model_int8.tflite model.tflite model.keras
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import tfmatting
from tfmatting.inference.runtimes import open_runtime

WARM_UP = 5


def candidates(path: Path, threads: int) -> dict[str, Callable[[], object]]:
    """Label -> a call that runs the model once."""
    runtime = open_runtime(path, None if path.suffix == ".keras" else threads)
    generator = np.random.default_rng(0)
    image = generator.integers(0, 256, (1, *runtime.input_size, 3)).astype(np.uint8)
    calls: dict[str, Callable[[], object]] = {path.name: lambda: runtime.run({"image": image})}
    if path.suffix == ".keras":
        model = tfmatting.load_model(path)
        calls[f"{path.name} predict"] = lambda: model.predict({"image": image}, verbose=0)
    return calls


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=40)
    arguments = parser.parse_args()
    calls: dict[str, Callable[[], object]] = {}
    for path in arguments.models:
        calls |= candidates(path, arguments.threads)
    for call in calls.values():
        for _ in range(WARM_UP):
            call()
    times: dict[str, list[float]] = {label: [] for label in calls}
    for _ in range(arguments.rounds):
        for label, call in calls.items():
            start = time.perf_counter()
            call()
            times[label].append(1000 * (time.perf_counter() - start))
    first = float(np.median(next(iter(times.values()))))
    print(f"{arguments.rounds} rounds, {arguments.threads} threads")
    print(f"{'model':40} {'median ms':>9} {'10-90 %':>13} {'ratio':>6}")
    for label, values in times.items():
        low, median, high = np.percentile(values, (10, 50, 90))
        print(f"{label:40} {median:9.2f} {f'{low:.1f}-{high:.1f}':>13} {median / first:6.2f}")


if __name__ == "__main__":
    main()
