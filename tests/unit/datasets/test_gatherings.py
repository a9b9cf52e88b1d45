import dataclasses

import numpy as np
import pytest

from tfmatting.datasets.augmentation.augment import NONE, augment
from tfmatting.datasets.augmentation.composition import Composition, compose
from tfmatting.datasets.augmentation.gatherings import (
    Gathering,
    gather,
    lay,
    put_behind,
    scene_size,
)
from tfmatting.datasets.augmentation.shapes import AS_FRAMED, Shapes, cut_square, vary_shape
from tfmatting.datasets.backgrounds import ThingCache
from tfmatting.datasets.negatives import NegativeSource, read_negatives
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.imaging.io import write_image


@pytest.fixture(scope="module")
def people():
    loaded = [source.load() for source in sample_listing(4, size=(96, 80)).sources]
    return [(sample.image, sample.alpha) for sample in loaded]


RED = np.full((40, 60, 3), (240, 10, 20), np.uint8)
BLUE = np.full((50, 120, 3), (10, 20, 240), np.uint8)
THING = (RED, np.pad(np.full((30, 50), 255, np.uint8), 5))


def test_proportions_of_scenes_stay_within_limits():
    settings = Gathering(proportions=(0.5, 2.0))
    sizes = [scene_size(200, settings, np.random.default_rng(seed)) for seed in range(40)]
    ratios = [width / height for height, width in sizes]
    assert all(max(size) == 200 for size in sizes)
    assert min(ratios) >= 0.49 and max(ratios) <= 2.01
    assert min(ratios) < 0.7 and max(ratios) > 1.5


def test_things_are_seen_and_are_no_people(people):
    settings = Gathering(beside=1.0)
    scene, alpha = gather(BLUE, [], [THING], settings, np.random.default_rng(0))
    assert not alpha.any()
    assert (np.abs(scene.astype(int) - RED[0, 0]).sum(axis=2) < 10).mean() > 0.02


def test_people_keep_their_proportions_in_a_wide_scene(people):
    image, alpha = people[0]
    for seed in range(5):
        _, own = lay(BLUE, (image, alpha), 1.0, np.random.default_rng(seed), where=0.5)
        ys, xs = np.nonzero(own > 127)
        ys_before, xs_before = np.nonzero(alpha > 127)
        shape = np.ptp(xs) / np.ptp(ys)
        assert shape == pytest.approx(np.ptp(xs_before) / np.ptp(ys_before), rel=0.15)


def test_several_people_are_more_than_one(people):
    settings = Gathering(beside=0.0, smallest=0.8)
    areas = {}
    for number in (1, 3):
        chosen = [people[index] for index in range(number)]
        results = [
            gather(BLUE, chosen, [], settings, np.random.default_rng(seed)) for seed in range(6)
        ]
        areas[number] = np.mean([(alpha > 127).mean() for _, alpha in results])
    assert areas[3] > 1.5 * areas[1]


def test_a_thing_behind_leaves_the_person_and_its_alpha(people):
    image, alpha = people[0]
    changed = 0
    for seed in range(6):
        scene, after = put_behind(people[0], [THING], np.random.default_rng(seed))
        assert after is alpha
        solid = alpha == 255
        assert np.abs(scene[solid].astype(int) - image[solid]).max() <= 1
        changed += (np.abs(scene.astype(int) - image).sum(axis=2) > 30).mean() > 0.02
    assert changed >= 4
    assert put_behind(people[0], [], np.random.default_rng(0)) is people[0]


def test_a_sample_becomes_a_gathering(people):
    settings = Composition(
        replace=0, empty=0, drawn=0, gathering=Gathering(probability=1.0, proportions=(1.5, 2.0))
    )
    for seed in range(4):
        image, alpha = compose(
            people[0], people, [BLUE], settings, np.random.default_rng(seed), [THING]
        )
        assert image.shape[:2] == alpha.shape and 1.4 < alpha.shape[1] / alpha.shape[0] < 2.1
        assert (alpha > 127).any()


def test_the_frame_stays_where_nothing_is_asked(people):
    assert vary_shape(*people[0], AS_FRAMED, np.random.default_rng(0))[0] is people[0][0]


def test_cuts_keep_the_person(people):
    image, alpha = people[0]
    ratios = []
    for seed in range(20):
        cut, own = vary_shape(image, alpha, Shapes(crop=1.0), np.random.default_rng(seed))
        assert cut.shape[:2] == own.shape
        assert (own > 127).sum() >= 0.35 * (alpha > 127).sum()
        ratios.append(own.shape[1] / own.shape[0])
    assert max(ratios) > 1.2 and min(ratios) < 0.8


def test_square_windows_have_the_given_sides_and_the_photos_own_pixels(people):
    image, alpha = people[0]
    seen = set()
    for seed in range(12):
        window, own = cut_square(image, alpha, (40, 64, 800), np.random.default_rng(seed))
        assert window.shape[:2] == own.shape
        seen.add(own.shape)
        if own.shape != alpha.shape:
            columns = np.lib.stride_tricks.sliding_window_view(alpha, own.shape)
            assert (columns == own).all(axis=(2, 3)).any()
            assert (own > 127).sum() >= 0.35 * (alpha > 127).sum()
    assert {(64, 64), (80, 80)} <= seen  # 800 is the photo's shorter side


def test_bars_hold_nobody_and_the_photo_is_whole(people):
    image, alpha = people[0]
    for seed in range(12):
        padded, own = vary_shape(image, alpha, Shapes(letterbox=1.0), np.random.default_rng(seed))
        assert padded.shape[:2] == own.shape
        assert (own > 0).sum() == (alpha > 0).sum()


def test_turned_photos_and_alpha_turn_together(people):
    image, alpha = people[0]
    for settings, turns in ((Shapes(lying=1.0), (1, 3)), (Shapes(upside_down=1.0), (2,))):
        turned, own = vary_shape(image, alpha, settings, np.random.default_rng(1))
        assert any(
            np.array_equal(turned, np.rot90(image, k)) and np.array_equal(own, np.rot90(alpha, k))
            for k in turns
        )


def test_augmentation_varies_shapes_of_all_maps(people):
    image, alpha = people[0]
    settings = dataclasses.replace(NONE, shapes=Shapes(crop=0.5, letterbox=0.5, lying=0.3))
    maps = np.dstack([alpha, alpha])
    image, maps = augment(image, maps, (64, 64), settings, np.random.default_rng(2))
    assert image.shape == (64, 64, 3)
    np.testing.assert_array_equal(maps[..., 0], maps[..., 1])
    assert settings.scaled(0.1).shapes == settings.shapes


def test_a_third_of_each_kind_is_held_back(tmp_path):
    for name in ("cat_1", "cat_2", "cat_3", "cat_4", "coat_1", "coat_2", "coat_3", "hill"):
        write_image(tmp_path / f"{name}.png", np.full((8, 9, 3), 7, np.uint8))
    splits = read_negatives(tmp_path, kinds=("cat",))
    assert [path.stem for path in splits["cat"].held_back] == ["cat_3"]
    assert [path.stem for path in splits[tmp_path.name].held_back] == ["coat_3"]
    assert len(splits["cat"].train) == 3 and len(splits[tmp_path.name].train) == 3
    sample = NegativeSource("hill", tmp_path / "hill.png").load()
    assert sample.alpha.shape == (8, 9) and not sample.alpha.any()
    (tmp_path / "few").mkdir()
    with pytest.raises(FileNotFoundError, match="at least 3"):
        read_negatives(tmp_path / "few")


def test_things_are_pictures_with_an_alpha_beside_them(tmp_path):
    for name in ("cat", "hill"):
        write_image(tmp_path / "image" / f"{name}.png", RED)
    write_image(tmp_path / "alpha" / "cat.png", THING[1])
    things = ThingCache([tmp_path / "image" / f"{name}.png" for name in ("cat", "hill")], 30)
    assert len(things) == 1
    image, alpha = things[0]
    assert image.shape == (20, 30, 3) and alpha.shape == (20, 30)
