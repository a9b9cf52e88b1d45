import dataclasses

import numpy as np
import pytest

from tfmatting.datasets.augmentation.composition import AS_TAKEN, Composition, compose, harmonize
from tfmatting.datasets.augmentation.lighting import backlight, relight
from tfmatting.datasets.backgrounds import BackgroundCache, read_backgrounds
from tfmatting.datasets.pipeline.dataset import make_dataset
from tfmatting.datasets.pipeline.settings import PipelineSettings
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.imaging.io import write_image


@pytest.fixture(scope="module")
def people():
    loaded = [source.load() for source in sample_listing(4, size=(96, 80)).sources]
    return [(sample.image, sample.alpha) for sample in loaded]


BLUE = [np.full((50, 70, 3), (10, 20, 240), np.uint8)]
ALWAYS = Composition(replace=1, companion=0, empty=0, smallest=1, harmony=0, drawn=0)


def taken(people, backgrounds, settings, seed):
    return compose(people[0], people, backgrounds, settings, np.random.default_rng(seed))


def test_another_background_leaves_the_person_and_its_alpha(people):
    found_blue = 0
    for seed in range(8):
        image, alpha = taken(people, BLUE, ALWAYS, seed)
        # whoever no side cuts has no free width at scale 1, so the place is the same
        np.testing.assert_allclose(alpha.astype(int), people[0][1], atol=1)
        solid = alpha == 255
        assert np.abs(image[solid].astype(int) - people[0][0][solid]).mean() < 3
        found_blue += bool((image[alpha == 0] == (10, 20, 240)).all())
    assert found_blue >= 2  # the others stand before windows of other portraits


def test_a_picture_without_people_has_an_empty_alpha(people):
    nobody = dataclasses.replace(ALWAYS, empty=1.0)
    for seed in range(6):
        image, alpha = taken(people, BLUE, nobody, seed)
        assert not alpha.any() and image.shape == people[0][0].shape


def test_a_soft_outline_is_a_mixture_of_person_and_scene(people):
    """Where alpha lies between, the colour is what alpha says of both."""
    soft = dataclasses.replace(ALWAYS, softness=0.05)
    hard_edge = np.mean((people[0][1] > 5) & (people[0][1] < 250))
    edges = []
    for seed in range(12):
        image, alpha = taken(people, BLUE, soft, seed)
        between = (alpha > 50) & (alpha < 200)
        edges.append(np.mean((alpha > 5) & (alpha < 250)))
        if (image[alpha == 0] == (10, 20, 240)).all() and edges[-1] > 2 * hard_edge:
            share = alpha[between].astype(float) / 255
            blueness = image[between].astype(float)[:, 2] - image[between].astype(float)[:, 0]
            assert np.corrcoef(share, blueness)[0, 1] < -0.5
    assert 3 <= sum(edge > 1.5 * hard_edge for edge in edges) <= 9  # half of them


def test_a_careless_cut_out_keeps_a_rim_of_the_old_background(people):
    careless = dataclasses.replace(ALWAYS, careless=1.0)
    image, own = people[0]
    rims = []
    for seed in range(8):
        scene, alpha = taken(people, BLUE, careless, seed)
        assert np.all(alpha >= own)
        rim = (alpha == 255) & (own == 0)
        rims.append(rim.mean())
        assert not rim.any() or np.abs(scene[rim].astype(int) - image[rim]).mean() < 3
    assert max(rims) > 0 and max(rims) < 0.1


def test_a_distractor_has_a_persons_outline_and_an_empty_alpha(people):
    plain = dataclasses.replace(ALWAYS, empty=1.0, drawn=1.0)
    changed = []
    for seed in range(6):
        image, alpha = taken(people, BLUE, dataclasses.replace(plain, distractor=1.0), seed)
        scene, _ = taken(people, BLUE, plain, seed)
        assert not alpha.any()
        changed.append((np.abs(image.astype(int) - scene).sum(axis=2) > 30).mean())
    assert 0.5 * np.mean(people[0][1] > 127) < max(changed) < 0.9


def test_a_companion_adds_and_never_takes_away(people):
    two = dataclasses.replace(ALWAYS, companion=1.0)
    areas = [np.mean(taken(people, BLUE, two, seed)[1] > 127) for seed in range(6)]
    alone = np.mean(people[0][1] > 127)
    assert min(areas) >= alone - 1e-3 and max(areas) > alone + 0.01


def test_smaller_people_stand_at_the_bottom(people):
    small = dataclasses.replace(ALWAYS, smallest=0.3)
    areas = []
    for seed in range(10):
        alpha = taken(people, BLUE, small, seed)[1]
        assert alpha[-1].max() > 127
        areas.append(np.mean(alpha > 127))
    assert min(areas) < 0.5 * np.mean(people[0][1] > 127)


def test_chance_follows_from_the_generator_alone(people):
    one, two = (taken(people, BLUE, Composition(0.9, 0.5, 0.05), 7) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    assert taken(people, BLUE, AS_TAKEN, 3) is people[0]


def test_harmony_moves_the_mean_towards_the_scene(people):
    image, alpha = people[0]
    scene = BLUE[0]
    inside = alpha == 255
    means = [harmonize(image, alpha, scene, s)[inside].mean(axis=0)[2] for s in (0.0, 0.5, 1.0)]
    assert means[0] < means[1] < means[2]


def test_a_light_brightens_one_place_and_darkens_another():
    grey = np.full((60, 80, 3), 120, np.uint8)
    spreads = [np.ptp(relight(grey, np.random.default_rng(seed))) for seed in range(8)]
    assert min(spreads) > 5 and max(spreads) > 60


def test_against_the_light_a_person_is_dark_and_what_is_behind_bright():
    grey, alpha = np.full((60, 80, 3), 120, np.uint8), np.zeros((60, 80), np.uint8)
    alpha[20:, 30:50] = 255
    spilt = 0
    for seed in range(8):
        seen = backlight(grey, alpha, np.random.default_rng(seed))
        assert seen[55, 40].max() < 120 <= seen[5, 5].min()
        assert (seen[alpha == 0] >= seen[55, 40].max()).all()
        spilt += seen[40, 31, 0] > seen[40, 40, 0]  # the rim of the person
    assert 0 < spilt < 8
    nobody = np.zeros_like(alpha)
    assert backlight(grey, nobody, np.random.default_rng(0)) is grey


def test_every_third_background_is_held_back(tmp_path):
    for index in range(7):
        write_image(tmp_path / f"{index}.png", np.full((40, 60, 3), index, np.uint8))
    split = read_backgrounds(tmp_path)
    assert [path.stem for path in split.held_back] == ["2", "5"]
    assert len(split.train) == 5 and not set(split.train) & set(split.held_back)
    assert BackgroundCache(split.train, 30)[1].shape == (20, 30, 3)
    (tmp_path / "few").mkdir()
    with pytest.raises(FileNotFoundError, match="at least 3"):
        read_backgrounds(tmp_path / "few")


def test_the_pipeline_composes_the_same_scenes_again(tmp_path):
    for index in range(3):
        write_image(tmp_path / f"{index}.png", np.full((40, 60, 3), 80 * index, np.uint8))
    settings = PipelineSettings(
        (64, 64), 4, composition=Composition(0.6, 0.5, 0.3), shuffle=True, seed=5
    )
    backgrounds = read_backgrounds(tmp_path).train
    sources = sample_listing(8, size=(80, 64)).sources
    first, second = (
        [x["image"].numpy() for x, _ in make_dataset(sources, settings, backgrounds=backgrounds,
                                                     epochs=1)]
        for _ in range(2)
    )  # fmt: skip
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
