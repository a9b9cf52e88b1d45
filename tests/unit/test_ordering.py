"""More items than memory should hold, in order."""

import random

from tfmatting.ordering import in_order


def test_the_order_is_that_of_sorted_whatever_the_chunk():
    items = [(random.Random(seed).randrange(50), f"name {seed}") for seed in range(1000)]
    for chunk in (3, 100, 999, 1000, 1001):
        assert list(in_order(iter(items), lambda one: one[0], chunk)) == sorted(
            items, key=lambda one: one[0]
        )
    assert list(in_order([], str)) == []
