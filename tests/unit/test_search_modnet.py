"""The search of benchmarks/search_modnet.py, with a processor that is computed."""

import importlib
import math
from pathlib import Path

import keras
import numpy as np
import pytest

import tfmatting

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def search(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("search_modnet")


class Processor:
    """Slower than its multiply-adds say, and slow by the number of channels besides."""

    def __init__(self, search):
        self.search, self.asked = search, 0

    def time(self, candidate):
        self.asked += 1
        full = self.search.multiply_adds(self.search.FULL)
        own = self.search.multiply_adds(candidate.counts) / full
        channels = sum(candidate.counts) / sum(self.search.FULL)
        return self.search.Candidate(candidate.parts, 0.6 * own**0.8 + 0.4 * channels)


def test_it_keeps_the_bound_and_beats_the_same_part_of_everything(search):
    race = Processor(search)
    timed = search.search(race, bound=0.45, tries=6, steps=1500, seed=1)
    best = timed[0]
    assert 0.4 < best.ratio <= 0.45 and len(timed) == race.asked <= 7
    even = [race.time(search.Candidate((part,) * 12)) for part in search.PARTS]
    assert best.capacity > max(one.capacity for one in even if one.ratio <= 0.45) + 0.1
    again = search.search(Processor(search), bound=0.45, tries=6, steps=1500, seed=1)
    assert again == timed


def test_a_bound_that_no_network_keeps_is_said(search):
    with pytest.raises(SystemExit, match=r"narrowest.*Raise --bound"):
        search.search(Processor(search), bound=0.01, tries=1, steps=1, seed=0)


def test_multiply_adds_are_those_of_the_network_that_the_counts_build(search):
    candidate = search.Candidate((0.5, 0.25, 0.375) * 4)
    assert all(count % 8 == 0 and count >= 8 for count in candidate.counts)
    assert search.Candidate((1.0,) * 12).capacity == pytest.approx(0)
    assert candidate.capacity < -1 and math.isnan(candidate.ratio)
    model = tfmatting.build("modnet", (64, 64), **candidate.options())
    assert model.matting_config.detail_channels == candidate.counts[-1]
    total = 0
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
            height, width = layer.output.shape[1:3]
            total += int(np.prod(layer.kernel.shape)) * height * width
    assert search.multiply_adds(candidate.counts, 64) == pytest.approx(total, rel=1e-6)
