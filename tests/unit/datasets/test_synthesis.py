import numpy as np

from tfmatting.datasets.synthesis import SyntheticSource, sample_listing


def test_a_sample_follows_from_its_seed_alone():
    one, again = (SyntheticSource(3, seed=7, size=(80, 64)).load() for _ in range(2))
    other = SyntheticSource(4, seed=7, size=(80, 64)).load()
    assert np.array_equal(one.image, again.image) and np.array_equal(one.alpha, again.alpha)
    assert not np.array_equal(one.alpha, other.alpha)


def test_figures_have_solid_empty_and_soft_parts():
    for source in sample_listing(8, size=(160, 120)).sources:
        alpha = source.load().alpha
        soft = ((alpha > 10) & (alpha < 245)).mean()
        assert 0.1 < (alpha == 255).mean() < 0.8
        assert (alpha == 0).mean() > 0.15
        assert soft > 0.01
