"""How long models take, side by side in one run, and how much memory they need."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmatting.config import Size
from tfmatting.evaluation.memory import noise_for, peak_memory
from tfmatting.files import megabytes
from tfmatting.inference.loading import find_model, open_network
from tfmatting.inference.predictor import Predictor
from tfmatting.machine import own_peak_memory

__all__ = ["Latency", "interleaved", "measure", "own_peak_memory", "table"]
WARM_UP = 5
ROUNDS = 40
Call = Callable[[], object]
Progress = Callable[..., Iterable[int]]


@dataclass(frozen=True)
class Latency:
    """What one model needs.

    Attributes:
        model: the name of the file.
        height, width: of the input of the network.
        median, low, high: milliseconds; low and high are the 10th and 90th percentile.
        ratio: of the median to that of the first model.
        megabytes: size of the file or folder in 10^6 bytes.
        memory: peak of a process that only loads and runs this model, in 10^6 bytes; Python and
            the packages of the runtime are included.
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
    delegate: str | Path | None = None,
    rounds: int = ROUNDS,
    progress: Progress = lambda items, **_: items,
) -> list[Latency]:
    """Time models in turn, round after round, so that all of them meet the same machine.

    Args:
        models: model files of any format, or names of pretrained models.
        photo: uint8 [H, W, 3]. If given, the whole way from the photo to an alpha of its size is
            timed; otherwise the network alone, on noise.
        input_size: (height, width) for models that take any size.
        threads: processor threads; the runtime's own choice if omitted.
        delegate: library that runs `.tflite` models on an accelerator; see `tfmatting.load`.
        rounds: how often each model is timed, after `WARM_UP` runs that are not.
        progress: wraps the rounds, as `tqdm.tqdm` does.

    Returns:
        One entry per model, in the given order.

    Raises:
        MissingFileError, InputError, MissingExtraError: see `tfmatting.load`.
        OSError: the system does not say how much memory a process takes.
    """
    paths = [find_model(model) for model in models]
    predictors = [Predictor(open_network(model, threads, input_size, delegate)) for model in models]
    times = interleaved([_call(predictor, photo) for predictor in predictors], rounds, progress)
    first = float(np.median(times[0]))
    results = []
    for model, path, predictor, values in zip(models, paths, predictors, times, strict=True):
        low, median, high = (float(value) for value in np.percentile(values, (10, 50, 90)))
        results.append(
            Latency(
                Path(model).name,
                *predictor.input_size,
                median=median,
                low=low,
                high=high,
                ratio=median / first,
                megabytes=megabytes(path),
                memory=peak_memory(path, threads, input_size, delegate),
            )
        )
    return results


def interleaved(
    calls: Sequence[Call], rounds: int, progress: Progress = lambda items, **_: items
) -> list[list[float]]:
    """Time calls in turn, round after round.

    Returns:
        Milliseconds: per call one value per round, after `WARM_UP` runs that are not timed.
    """
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


def table(results: Sequence[Latency]) -> str:
    """Return the figures as text with their units."""
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


def _call(predictor: Predictor, photo: np.ndarray | None) -> Call:
    if photo is not None:
        return lambda: predictor.alpha(photo)
    noise = noise_for(predictor)
    return lambda: predictor.small_alpha(noise)
