"""Divides samples in two at random, without tearing apart what belongs together.

Neighbouring frames of a clip, or one cut-out on several backgrounds, are nearly the same sample: a
network that has learnt from one of them is not judged by the other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfmatting.datasets.sample import SampleSource


def divide(
    sources: Sequence[SampleSource], count: int, seed: int
) -> tuple[list[SampleSource], list[SampleSource]]:
    """Take random samples out.

    Whole clips, and all composites of a cut-out, go to the one side or to the other. A single clip
    is cut in two once: its end is taken.

    Args:
        sources: the samples.
        count: how many to take; more or fewer where they come in groups.
        seed: of the choice.

    Returns:
        What was taken, and the rest, both in the order of the samples.
    """
    groups: dict[str, list[int]] = {}
    for index, source in enumerate(sources):
        groups.setdefault(_group(source, index), []).append(index)
    if len(groups) == 1:
        taken = set(range(len(sources) - count, len(sources)))
    else:
        taken = _take(list(groups.values()), count, seed)
    chosen = [source for index, source in enumerate(sources) if index in taken]
    return chosen, [source for index, source in enumerate(sources) if index not in taken]


def _take(groups: list[list[int]], count: int, seed: int) -> set[int]:
    """Whole groups in a random order, as near to `count` as they come; neither side is empty."""
    taken: set[int] = set()
    total = sum(map(len, groups))
    for number in np.random.default_rng(seed).permutation(len(groups)):
        size = len(groups[number])
        missing = count - len(taken)
        too_many = taken and size - missing > missing
        nothing_left = count < total and len(taken) + size == total
        if missing <= 0 or too_many or nothing_left:
            break
        taken.update(groups[number])
    return taken


def _group(source: SampleSource, index: int) -> str:
    """What a sample must stay together with; itself alone in most data sets."""
    clip = getattr(source, "clip", None)
    if clip is not None:
        return f"clip {clip}"
    cutout = getattr(source, "cutout_path", None)
    return f"cut-out {cutout}" if cutout is not None else f"sample {index}"
