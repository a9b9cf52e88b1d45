import dataclasses

import numpy as np
import pytest

from tfmatting.datasets.augmentation.augment import NONE, Augmentation, augment
from tfmatting.datasets.augmentation.composition import AS_TAKEN, Composition
from tfmatting.datasets.augmentation.degradation import degrade
from tfmatting.datasets.pipeline.cache import DecodedCache
from tfmatting.datasets.pipeline.dataset import make_dataset, steps_per_epoch
from tfmatting.datasets.pipeline.example import make_example
from tfmatting.datasets.pipeline.settings import PipelineSettings
from tfmatting.datasets.synthesis import sample_listing

SOURCES = sample_listing(7, size=(60, 48)).sources
TRAINING = PipelineSettings((32, 32), 2, Augmentation(degradation=0.5), shuffle=True, seed=5)
STILL = PipelineSettings((32, 32), 3)


def batches(settings, **options):
    return [
        (image["image"].numpy(), target["alpha"].numpy(), target["trimap"].numpy())
        for image, target in make_dataset(SOURCES, settings, **options)
    ]


def same(first, second):
    flat = [[array for batch in batches for array in batch] for batches in (first, second)]
    return len(first) == len(second) and all(map(np.array_equal, *flat))


def test_shapes_types_and_ranges():
    image, alpha, trimap = batches(TRAINING, epochs=1)[0]
    assert image.shape == (2, 32, 32, 3) and image.dtype == np.uint8
    assert alpha.shape == (2, 32, 32, 1) and alpha.dtype == np.float32
    assert alpha.min() >= 0 and alpha.max() == 1
    assert trimap.shape == (2, 32, 32, 3) and (trimap.sum(-1) == 1).all()


def test_the_same_seed_gives_the_same_batches_and_another_does_not():
    first = batches(TRAINING, epochs=2)
    assert same(first, batches(TRAINING, epochs=2))
    other = batches(dataclasses.replace(TRAINING, seed=6), epochs=2)
    assert not same(first, other)


def test_a_resumed_run_sees_what_it_would_have_seen():
    whole = batches(TRAINING, epochs=3)
    steps = steps_per_epoch(len(SOURCES), TRAINING.batch_size)
    assert same(whole[steps:], batches(TRAINING, first_epoch=1, epochs=2))
    assert not same(whole[:steps], whole[steps : 2 * steps])


def test_shuffled_epochs_drop_the_rest_and_still_ones_keep_it():
    assert len(batches(TRAINING, epochs=1)) == 3
    sizes = [len(image) for image, _, _ in batches(STILL, epochs=1)]
    assert sizes == [3, 3, 1]


def test_the_graph_runs_what_the_function_does_eagerly():
    image, alpha, _ = batches(STILL, epochs=1)[0]
    cache = DecodedCache(SOURCES, STILL)
    for index in range(3):
        expected = make_example(*cache[index], STILL, np.random.default_rng((0, 0, index)))
        assert np.array_equal(image[index], expected[0])
        np.testing.assert_allclose(alpha[index] * 255, expected[1], atol=1e-4)


def test_the_cache_keeps_to_its_budget_and_loads_once():
    class Counting:
        identifier, loads = "x", 0

        def load(self):
            Counting.loads += 1
            return SOURCES[0].load()

    kept = DecodedCache([Counting()], STILL)
    full = DecodedCache([Counting()], dataclasses.replace(STILL, cache_megabytes=0))
    for cache in (kept, kept, full, full):
        cache[0]
    assert Counting.loads == 3


def test_too_few_samples_are_refused():
    with pytest.raises(ValueError, match="at least one batch of 8"):
        make_dataset(SOURCES, dataclasses.replace(TRAINING, batch_size=8))
    with pytest.raises(ValueError, match="Received: 0"):
        make_dataset([], STILL)


def test_image_and_alpha_move_together():
    """An image that shows its own alpha must still show it after the geometry alone."""
    alpha = SOURCES[0].load().alpha
    image = np.repeat(alpha[..., None], 3, axis=2)
    geometry = dataclasses.replace(NONE, flip=0.5, rotation=15, zoom=(0.7, 1.5), shift=0.2)
    for seed in range(10):
        moved, truth = augment(image, alpha, (40, 36), geometry, np.random.default_rng(seed))
        assert moved.shape == (40, 36, 3)
        assert np.abs(moved[..., 0].astype(int) - truth).max() <= 1


def test_turned_off_it_only_resizes():
    sample = SOURCES[0].load()
    image, alpha = augment(sample.image, sample.alpha, (60, 48), NONE, np.random.default_rng(0))
    assert image is sample.image and alpha is sample.alpha


def test_a_part_of_the_variations_is_nearer_to_none():
    whole = Augmentation(rotation=20, zoom=(0.25, 4), gamma=1.44)
    half = whole.scaled(0.5)
    assert (half.rotation, half.flip, half.band) == (10, whole.flip, whole.band)
    assert (half.zoom, half.gamma) == ((0.5, 2), pytest.approx(1.2))
    assert whole.scaled(1.0) == whole


def test_photos_as_taken_may_vary_less_than_composed_scenes():
    sources = sample_listing(4, size=(80, 64)).sources

    def batch(augmentation_strength, composition):
        settings = PipelineSettings(
            (64, 64), 4, Augmentation(), composition, augmentation_strength=augmentation_strength
        )
        return next(iter(make_dataset(sources, settings, epochs=1)))[0]["image"].numpy()

    assert not np.array_equal(batch(0.1, AS_TAKEN), batch(1.0, AS_TAKEN))
    nobody = Composition(empty=1.0)
    assert np.array_equal(batch(0.1, nobody), batch(1.0, nobody))


@pytest.mark.parametrize("somebody", [True, False])
def test_pictures_of_nobody_may_vary_in_full(somebody):
    """Photos of people vary as little as before beside them."""
    sample = SOURCES[0].load()
    alpha = sample.alpha if somebody else np.zeros_like(sample.alpha)
    source = dataclasses.make_dataclass("Source", ["identifier", "load"])(
        "one", lambda: dataclasses.replace(sample, alpha=alpha)
    )

    def image(strength, in_full):
        variation = Augmentation(nobody_in_full=in_full)
        settings = PipelineSettings((64, 64), 1, variation, augmentation_strength=strength)
        return next(iter(make_dataset([source], settings, epochs=1)))[0]["image"].numpy()

    assert not np.array_equal(image(0.1, False), image(1.0, False))
    same = image(0.1, False) if somebody else image(1.0, False)
    np.testing.assert_array_equal(image(0.1, True), same)


def test_a_person_against_the_light_is_darker_at_any_strength():
    sample = SOURCES[0].load()
    for strength in (1.0, 0.1):
        settings = dataclasses.replace(NONE, backlight=1.0).scaled(strength)
        image, alpha = augment(
            sample.image, sample.alpha, sample.alpha.shape, settings, np.random.default_rng(0)
        )
        inside = alpha > 250
        assert image[inside].mean() < 0.9 * sample.image[inside].mean()
        np.testing.assert_array_equal(alpha, sample.alpha)


def test_a_flip_is_an_exact_mirror():
    sample = SOURCES[0].load()
    mirror = dataclasses.replace(NONE, flip=1.0)
    image, alpha = augment(sample.image, sample.alpha, (60, 48), mirror, np.random.default_rng(0))
    assert np.abs(image.astype(int) - sample.image[:, ::-1]).max() <= 1
    assert np.abs(alpha.astype(int) - sample.alpha[:, ::-1]).max() <= 1


def test_every_degradation_keeps_shape_and_follows_from_the_seed():
    pytest.importorskip("imgaug", reason="imgaug comes with the extra train")
    sample = SOURCES[0].load()
    softer = 0
    for seed in range(16):
        (image, alpha), again = (
            degrade(sample.image, sample.alpha, np.random.default_rng(seed)) for _ in range(2)
        )
        assert image.shape == sample.image.shape and image.dtype == np.uint8
        assert alpha.shape == sample.alpha.shape and alpha.dtype == np.uint8
        assert np.array_equal(image, again[0]) and np.array_equal(alpha, again[1])
        assert np.abs(image.astype(int) - sample.image).mean() < 40
        softer += not np.array_equal(alpha, sample.alpha)
        labelled = degrade(sample.image, sample.alpha, np.random.default_rng(seed), labels=True)
        assert np.array_equal(labelled[0], image) and np.array_equal(labelled[1], sample.alpha)
    assert 4 <= softer <= 12  # blur and motion blur, not noise and compression
