"""A division tears nothing apart that belongs together."""

from dataclasses import dataclass

import numpy as np
import pytest

from tfmatting.datasets.division import divide
from tfmatting.datasets.sources import read_split
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.imaging.io import write_image


@dataclass(frozen=True)
class Frame:
    identifier: str
    clip: str


def test_single_samples_are_divided_as_ever():
    sources = sample_listing(20).sources
    taken, rest = divide(sources, 6, 3)
    order = np.random.default_rng(3).permutation(20)
    assert taken == [sources[index] for index in sorted(order[:6])]
    assert rest == [sources[index] for index in sorted(order[6:])]
    assert divide(sources, 0, 3)[0] == [] and divide(sources, 20, 3)[1] == []


@pytest.mark.parametrize("seed", range(5))
def test_clips_stay_whole(seed):
    frames = [Frame(f"{clip}{n}", clip) for clip in "abcdefgh" for n in range(5)]
    taken, rest = divide(frames, 8, seed)
    assert not {frame.clip for frame in taken} & {frame.clip for frame in rest}
    assert len(taken) in (5, 10) and len(taken) + len(rest) == 40
    two = [frame for frame in frames if frame.clip in "ab"]
    assert len(divide(two, 1, seed)[0]) == len(divide(two, 9, seed)[0]) == 5


def test_a_single_clip_is_cut_once():
    frames = [Frame(str(n), "a") for n in range(10)]
    taken, rest = divide(frames, 3, 0)
    assert [frame.identifier for frame in taken] == ["7", "8", "9"] and len(rest) == 7


def test_a_cutout_is_never_on_both_sides(tmp_path, samples):
    for number, sample in enumerate(samples):
        rgba = np.dstack([sample.image, sample.alpha])
        write_image(tmp_path / "cutout" / f"{number}.png", rgba)
        write_image(tmp_path / "background" / f"{number}.png", sample.image)
    split = read_split(str(tmp_path), validation_part=0.3, seed=0, sample_count=0)
    people = [
        {source.cutout_path for source in listing.sources}
        for listing in (split.train, split.validation)
    ]
    assert people[0] and people[1] and not people[0] & people[1]
