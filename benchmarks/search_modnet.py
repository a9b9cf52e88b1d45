"""Searches channel counts for MODNet at 192x192 under a bound of time on this processor.

    python benchmarks/search_modnet.py --bound 0.35 --json search.json

Evolution over the width of every stage of the encoder and of the branches. Time is predicted from
multiply-adds, and what comes out is written as a float32 TFLite file and timed in LiteRT in turn
with the unsearched network, so that what counts is a ratio of one run. Where the prediction was
wrong, its bound is corrected and the evolution starts again. Of all timed ones within the bound
the one with the most capacity wins: the mean, over all blocks, of the logarithm of the kept width.
Nothing is trained here. The mean rewards width where it costs little time, and says nothing about
quality: train the result and compare.

Source: the (1 + 1) evolution strategy of Rechenberg, 1973; a bound of time measured on the device
itself is that of Tan et al., "MnasNet", CVPR 2019.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from comparison import table, write_json

import tfmatting
from tfmatting.backbones.mobilenet_v2 import CHANNELS, STAGES
from tfmatting.exporting.tflite.writer import write_tflite

SIZE = (192, 192)
FULL = (*CHANNELS, 1280, 96, 32, 32)
"""The unsearched counts: stem and seven stages, the last 1x1, the two of the low-resolution branch,
and the high-resolution branch."""
BLOCKS = (1, *(repeats for _, _, repeats, _ in STAGES), 1, 1, 1, 14)
"""How many blocks have each width."""
PARTS = (1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25)
"""What of a count is kept."""
STEP = 8
LEAST_CHANGE = 0.02
"""A measured ratio this near the bound is not worth another try."""


@dataclass(frozen=True)
class Candidate:
    """Parts of the counts of `FULL`, and what was measured.

    Attributes:
        parts: of `PARTS`, one for each count.
        ratio: time over that of the unsearched network, in turn with it.
        milliseconds: of a frame, on this machine while it was searched.
    """

    parts: tuple[float, ...]
    ratio: float = math.nan
    milliseconds: float = math.nan

    @property
    def counts(self) -> tuple[int, ...]:
        """Channel counts, multiples of 8."""
        pairs = zip(FULL, self.parts, strict=True)
        return tuple(max(STEP, round(full * part / STEP) * STEP) for full, part in pairs)

    @property
    def capacity(self) -> float:
        """Mean over blocks of the logarithm of the kept width; 0 when all is kept."""
        kept = np.log2(np.array(self.counts) / np.array(FULL))
        return float(np.average(kept, weights=BLOCKS))

    def options(self) -> dict:
        """Options of `tfmatting.build("modnet", ...)`."""
        *stages, encoded, wide, narrow, detail = self.counts
        return {
            "stage_channels": tuple(stages),
            "encoded_channels": encoded,
            "low_channels": (wide, narrow),
            "detail_channels": detail,
        }


class Race:
    """Times networks in turn with the unsearched one.

    Args:
        folder: for their files.
        threads: of the processor.
        rounds: timed runs of each.
    """

    def __init__(self, folder: Path, threads: int | None, rounds: int):
        self._folder, self._threads, self._rounds = folder, threads, rounds
        self._image = np.random.default_rng(0).integers(0, 256, (1, *SIZE, 3)).astype(np.uint8)
        self._unsearched = self._runtime({}, "unsearched")

    def time(self, candidate: Candidate) -> Candidate:
        """The candidate with its time: medians of both, in turn."""
        runtime = self._runtime(candidate.options(), "candidate")
        seconds: list[tuple[float, float]] = []
        for _ in range(self._rounds + 2):
            seconds.append((self._once(self._unsearched), self._once(runtime)))
        full, own = np.median(np.array(seconds[2:]), axis=0)
        return Candidate(candidate.parts, own / full, 1000 * own)

    def _runtime(self, options: dict, name: str):
        path = self._folder / f"{name}.tflite"
        write_tflite(tfmatting.build("modnet", SIZE, **options), path, "float32", [])
        return tfmatting.load(path, threads=self._threads).runtime

    def _once(self, runtime) -> float:
        start = time.perf_counter()
        runtime.run({"image": self._image})
        return time.perf_counter() - start


def multiply_adds(counts: tuple[int, ...], size: int = SIZE[0]) -> float:
    """Multiply-adds of the convolutions of a square MODNet with such counts."""
    stem, *stages, encoded, wide, narrow, detail = counts

    def convolution(kernel: int, inputs: int, outputs: int, scale: int) -> float:
        return kernel**2 * inputs * outputs * (size / scale) ** 2

    total, inputs, scale = convolution(3, 3, stem, 2), stem, 2
    for (expansion, _, repeats, first_stride), outputs in zip(STAGES, stages, strict=True):
        for stride in (first_stride, *[1] * (repeats - 1)):
            hidden = inputs * expansion
            total += convolution(1, inputs, hidden, scale) if expansion > 1 else 0
            scale *= stride
            total += convolution(3, 1, hidden, scale) + convolution(1, hidden, outputs, scale)
            inputs = outputs
    total += convolution(1, inputs, encoded, 32) + 2 * encoded * (encoded // 4)
    total += convolution(5, encoded, wide, 16) + convolution(5, wide, narrow, 8)
    total += convolution(3, narrow, 1, 16)
    two, half, quarter = 2 * detail, stages[0], stages[1]
    shapes = (
        (1, half, detail, 2), (3, 3 + detail, detail, 4), (1, quarter, detail, 4),
        (3, two, two, 4), (3, two + narrow + 3, two, 4), (3, two, two, 4), (3, two, detail, 4),
        (3, two, two, 2), (3, two, detail, 2), (3, detail, detail, 2), (3, detail, detail, 2),
        (3, detail + 3, detail, 1), (1, detail, 1, 1),
        (5, narrow, detail, 4), (3, two, detail, 2), (3, detail + 3, detail // 2, 1),
        (1, detail // 2, 1, 1),
    )  # fmt: skip
    return total + sum(convolution(*shape) for shape in shapes)


@dataclass(frozen=True)
class Prediction:
    """Time over the unsearched network's, as a line through it and one timed network.

    Attributes:
        timed: the narrow network.
    """

    timed: Candidate

    def ratio(self, candidate: Candidate) -> float:
        """The predicted ratio of a candidate."""
        full = multiply_adds(FULL)
        own, known = (multiply_adds(one.counts) / full for one in (candidate, self.timed))
        return 1 - (1 - own) * (1 - self.timed.ratio) / (1 - known)


def mutated(candidate: Candidate, generator: np.random.Generator) -> Candidate:
    """A candidate with some of its parts drawn anew, at least one."""
    drawn = generator.random(len(FULL)) < 2 / len(FULL)
    drawn[generator.integers(len(FULL))] = True
    parts = [
        float(generator.choice(PARTS)) if anew else part
        for part, anew in zip(candidate.parts, drawn, strict=True)
    ]
    return Candidate(tuple(parts))


def evolved(
    prediction: Prediction, allowed: float, steps: int, generator: np.random.Generator
) -> Candidate:
    """What a number of steps finds with the most capacity within a predicted ratio."""
    best = prediction.timed
    for _ in range(steps):
        child = mutated(best, generator)
        if child.capacity >= best.capacity and prediction.ratio(child) <= allowed:
            best = child
    return best


def search(race: Race, bound: float, tries: int, steps: int, seed: int) -> list[Candidate]:
    """Search; returns all timed networks, the best within the bound first.

    Args:
        race: times candidates; anything with its `time`.
        bound: largest measured ratio.
        tries: timed results of an evolution.
        steps: of each evolution.
        seed: of chance.

    Raises:
        SystemExit: even the narrowest network takes longer.
    """
    generator = np.random.default_rng(seed)
    narrowest = race.time(Candidate((PARTS[-1],) * len(FULL)))
    if narrowest.ratio > bound:
        raise SystemExit(f"The narrowest takes {narrowest.ratio:.2f} of the time. Raise --bound.")
    timed, allowed = [narrowest], bound
    for _ in range(tries):
        found = race.time(evolved(Prediction(narrowest), allowed, steps, generator))
        timed.append(found)
        if 0 <= bound - found.ratio < LEAST_CHANGE:
            break
        allowed *= bound / found.ratio
    return sorted(timed, key=lambda one: (one.ratio > bound, -one.capacity))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--bound", type=float, default=0.35, help="largest time over the unsearched network's")
    add("--tries", type=int, default=5, help="evolutions, each timed and corrected by")
    add("--steps", type=int, default=4000, help="of each evolution")
    add("--rounds", type=int, default=15, help="timed runs of each network")
    add("--even", type=float, nargs="*", default=[0.5], help="parts of all counts, to compare with")
    add("--threads", type=int, help="of the processor; all if omitted")
    add("--seed", type=int, default=0)
    add("--json", type=Path, metavar="FILE", help="write every timed network there")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        race = Race(Path(folder), arguments.threads, arguments.rounds)
        timed = search(race, arguments.bound, arguments.tries, arguments.steps, arguments.seed)
        even = [race.time(Candidate((part,) * len(FULL))) for part in arguments.even]
    named = {"searched": timed[0]}
    named |= {f"tried {number}": one for number, one in enumerate(timed[1:], start=1)}
    named |= {f"{one.parts[0]:g} of all": one for one in even}
    rows = [
        [name, *(f"{value:.2f}" for value in (one.ratio, one.milliseconds, one.capacity)),
         f"{multiply_adds(one.counts) / multiply_adds(FULL):.2f}", str(one.counts)]
        for name, one in named.items()
    ]  # fmt: skip
    print(table(["network", "ratio", "ms", "capacity", "multiply-adds", "channels"], rows))
    for key, value in timed[0].options().items():
        print(f'    "{key}": {value},')
    everything = [{**asdict(one), "counts": one.counts} for one in (*timed, *even)]
    write_json(arguments.json, everything)


if __name__ == "__main__":
    main()
