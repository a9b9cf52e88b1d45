"""How long models take, side by side in one run, and how much memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmatting.config import Size
from tfmatting.files import megabytes
from tfmatting.inference import Predictor
from tfmatting.inference.loading import find_model
from tfmatting.inference.runtimes import open_runtime

WARM_UP = 5
ROUNDS = 40
Call = Callable[[], object]
Progress = Callable[..., Iterable[int]]


@dataclass(frozen=True)
class Latency:
    """What one model takes.

    Attributes:
        model: the file's name.
        height, width: of the network's input.
        median, low, high: milliseconds; low and high hold the middle four fifths.
        ratio: of the median to the first model's.
        megabytes: size of the file or folder, 10^6 bytes.
        memory: peak of a process that loads and runs nothing but this model, 10^6 bytes, Python
            and the runtime's own package included.
    """

    model: str
    height: int
    width: int
    median: float
    low: float
    high: float
    ratio: float
    megabytes: float
    memory: float


def measure(
    models: Sequence[str | Path],
    *,
    photo: np.ndarray | None = None,
    input_size: Size | None = None,
    threads: int | None = None,
    rounds: int = ROUNDS,
    progress: Progress = lambda items, **_: items,
) -> list[Latency]:
    """Time models in turn, round after round, so that each meets the same machine.

    Args:
        models: files of any format, or names of models that ship.
        photo: uint8 [H, W, 3]; times the whole way from it to an alpha of its size. Without one
            the network alone is timed, on noise of its own size.
        input_size: (height, width) for models that take any.
        threads: of the processor; the runtimes' own choice when omitted.
        rounds: timed runs of each model, after `WARM_UP` that are not.
        progress: wraps the rounds, as tqdm does.

    Returns:
        One entry a model, in the order given.

    Raises:
        FileNotFoundError, ValueError, ImportError: see `open_runtime`.
    """
    paths = [find_model(model) for model in models]
    runtimes = [open_runtime(path, threads, input_size) for path in paths]
    calls = [_call(runtime, photo) for runtime in runtimes]
    milliseconds = _interleave(calls, rounds, progress)
    first = float(np.median(milliseconds[0]))
    results = []
    for path, runtime, values in zip(paths, runtimes, milliseconds, strict=True):
        low, median, high = (float(value) for value in np.percentile(values, (10, 50, 90)))
        results.append(
            Latency(
                path.name,
                *runtime.input_size,
                median=median,
                low=low,
                high=high,
                ratio=median / first,
                megabytes=megabytes(path),
                memory=peak_memory(path, threads, input_size),
            )
        )
    return results


def table(results: Sequence[Latency]) -> str:
    """Print the figures with their units."""
    lines = [
        f"{'model':36} {'input':>9} {'median ms':>9} {'10-90 %':>15} {'ratio':>6} "
        f"{'MB':>7} {'memory MB':>9}"
    ]
    for entry in results:
        lines.append(
            f"{entry.model:36} {f'{entry.height}x{entry.width}':>9} {entry.median:9.2f} "
            f"{f'{entry.low:.1f} - {entry.high:.1f}':>15} {entry.ratio:6.2f} "
            f"{entry.megabytes:7.2f} {entry.memory:9.0f}"
        )
    return "\n".join(lines)


def peak_memory(path: Path, threads: int | None = None, input_size: Size | None = None) -> float:
    """Peak memory, 10^6 bytes, of a process that loads a model and runs it twice."""
    command = [sys.executable, "-m", __name__, str(path), json.dumps([threads, input_size])]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(result.stdout.split()[-1])


def _call(runtime, photo: np.ndarray | None) -> Call:
    predictor = Predictor(runtime)
    if photo is not None:
        return lambda: predictor.alpha(photo)
    noise = np.random.default_rng(0).integers(0, 256, (*runtime.input_size, 3)).astype(np.uint8)
    return lambda: predictor.small_alpha(noise)


def _interleave(calls: Sequence[Call], rounds: int, progress: Progress) -> list[list[float]]:
    for call in calls:
        for _ in range(WARM_UP):
            call()
    milliseconds: list[list[float]] = [[] for _ in calls]
    for _ in progress(range(rounds), unit="round"):
        for call, values in zip(calls, milliseconds, strict=True):
            start = time.perf_counter()
            call()
            values.append(1000 * (time.perf_counter() - start))
    return milliseconds


def own_peak_memory() -> float:
    """Peak memory of this process so far, 10^6 bytes.

    Raises:
        OSError: no Linux.
    """
    # not getrusage: that counts what the parent held when it forked
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024 / 1e6
    raise OSError("/proc/self/status does not say the peak memory; this needs Linux.")


def _report_peak() -> None:
    threads, input_size = json.loads(sys.argv[2])
    size = (input_size[0], input_size[1]) if input_size else None
    call = _call(open_runtime(sys.argv[1], threads, size), None)
    call()
    call()
    print(own_peak_memory())


if __name__ == "__main__":
    _report_peak()
