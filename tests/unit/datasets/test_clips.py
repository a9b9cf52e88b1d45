"""Clips: what follows what, and the prior alpha that training makes of it."""

import dataclasses

import numpy as np
import pytest

from tfmatting.datasets.augmentation.augment import Augmentation
from tfmatting.datasets.augmentation.composition import Composition
from tfmatting.datasets.augmentation.prior import NO_PRIOR, Prior, as_prior, earlier_alpha
from tfmatting.datasets.clips import in_clips
from tfmatting.datasets.pipeline.dataset import make_dataset
from tfmatting.datasets.pipeline.settings import PipelineSettings
from tfmatting.datasets.readers import LAYOUTS
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.imaging.io import write_image

EXACT = Prior(absent=0, corrupted=0, leaving=0, moved=0, wrong=0, softened=0, stained=0)


def square(left, side=20, size=(60, 80)):
    alpha = np.zeros(size, np.uint8)
    alpha[20 : 20 + side, left : left + side] = 255
    return alpha


@pytest.fixture
def clip(tmp_path):
    """A square that moves eight pixels a frame; the third frame has no alpha."""
    for number in range(5):
        name = f"{number:03d}"
        write_image(tmp_path / "frames" / f"{name}.png", np.full((60, 80, 3), 90, np.uint8))
        if number != 2:
            write_image(tmp_path / "alpha" / f"{name}.png", square(8 * number))
    return LAYOUTS["frames"].read(tmp_path)


def test_a_frame_knows_the_alpha_before_it_and_a_gap_breaks_the_chain(clip):
    samples = [source.load() for source in clip.sources]
    assert [sample.identifier for sample in samples] == ["000", "001", "003", "004"]
    assert samples[0].earlier_alpha is None and samples[2].earlier_alpha is None
    assert np.array_equal(samples[1].earlier_alpha, square(0))
    assert np.array_equal(samples[3].earlier_alpha, square(24))
    assert list(in_clips(clip.sources)) == [""] and len(clip.problems) == 1
    assert in_clips(sample_listing(2).sources) == {}


def test_the_foreground_layout_keeps_its_scene_through_a_clip(tmp_path):
    for clip_name in ("a", "b"):
        for number in range(2):
            name = f"{clip_name}/{number}.png"
            write_image(tmp_path / "fgr" / name, np.full((60, 80, 3), 200, np.uint8))
            write_image(tmp_path / "pha" / name, square(10))
    first, second, other, _ = (
        source.load().image for source in LAYOUTS["videomatte240k"].read(tmp_path).sources
    )
    assert np.array_equal(first, second) and not np.array_equal(first, other)
    assert (first[25:35, 15:25] == 200).all()


def test_a_prior_of_a_clip_moves_with_its_frame(clip):
    settings = PipelineSettings((60, 80), 1, Augmentation(zoom=(1, 1), rotation=0), prior=EXACT)
    moved = 0
    for inputs, truths in make_dataset(clip.sources[3:], settings, epochs=8):
        prior, alpha = inputs["prior_alpha"].numpy()[0, ..., 0], truths["alpha"].numpy()[0, ..., 0]
        assert prior.dtype == np.float32 and prior.max() == 1
        centres = [np.argwhere(alphas > 0.5)[:, 1].mean() for alphas in (prior, alpha)]
        moved += abs(abs(centres[1] - centres[0]) - 8) < 1.5
    assert moved >= 5  # mirrored edges may add to either


def test_a_still_becomes_the_second_frame_of_a_clip():
    sources = sample_listing(4, size=(60, 48)).sources
    settings = PipelineSettings((64, 64), 4, prior=EXACT)
    inputs, truths = next(iter(make_dataset(sources, settings)))
    np.testing.assert_allclose(inputs["prior_alpha"], truths["alpha"])
    moving = dataclasses.replace(settings, prior=dataclasses.replace(EXACT, moved=0.05))
    inputs, truths = next(iter(make_dataset(sources, moving)))
    difference = np.abs(inputs["prior_alpha"] - truths["alpha"]).mean(axis=(1, 2, 3))
    assert (difference > 0).all() and (difference < 0.25).all()
    inputs, _ = next(iter(make_dataset(sources, dataclasses.replace(settings, prior=NO_PRIOR))))
    assert not inputs["prior_alpha"].numpy().any()
    assert "prior_alpha" not in next(iter(make_dataset(sources, PipelineSettings((64, 64), 4))))[0]


def test_somebody_may_just_have_left_an_empty_picture():
    sources = sample_listing(6, size=(60, 48)).sources
    empty = Composition(empty=1.0)
    settings = PipelineSettings(
        (64, 64), 6, composition=empty, prior=dataclasses.replace(EXACT, leaving=0.5)
    )
    priors = []
    for inputs, truths in make_dataset(sources, settings, epochs=4):
        assert not truths["alpha"].numpy().any()
        priors += [prior.any() for prior in inputs["prior_alpha"].numpy()]
    assert 0.2 < np.mean(priors) < 0.8


def test_priors_are_missing_wrong_and_soft_as_often_as_asked():
    alpha, generator = square(30), np.random.default_rng(0)
    absent = [not as_prior(alpha, Prior(), generator).any() for _ in range(400)]
    assert np.mean(absent) == pytest.approx(0.3, abs=0.06)
    wrong = dataclasses.replace(EXACT, corrupted=1.0, wrong=0.2)
    distances = [np.abs(as_prior(alpha, wrong, generator) / 255 - alpha / 255).mean() for _ in "ab"]
    assert min(distances) > 0.01
    soft = as_prior(alpha, dataclasses.replace(EXACT, softened=0.05), np.random.default_rng(1))
    assert ((soft > 0) & (soft < 255)).sum() > 50
    spots = dataclasses.replace(EXACT, stained=1.0)
    stained = np.stack([as_prior(alpha, spots, generator) for _ in range(20)])
    assert (stained > alpha).any() and (stained < alpha).any()
    assert np.array_equal(as_prior(alpha, EXACT, generator), alpha)
    assert np.array_equal(earlier_alpha(alpha, EXACT, generator), alpha)
