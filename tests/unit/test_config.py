import dataclasses

import pytest

from tfmatting.config import check_multiple, override, parse_size, to_dictionary


@dataclasses.dataclass(frozen=True)
class Inner:
    rate: float = 0.5
    name: str | None = None
    pair: tuple[float, float] = (1.0, 2.0)


@dataclasses.dataclass(frozen=True)
class Outer:
    inner: Inner = Inner()
    count: int = 3
    flag: bool = False


def test_size_is_height_first():
    assert parse_size("256,192") == (256, 192)


@pytest.mark.parametrize("text", ["256", "256,", "0,5", "a,b", "1,2,3", "-32,32"])
def test_bad_sizes_are_refused(text):
    with pytest.raises(ValueError, match="H,W"):
        parse_size(text)


def test_nearest_good_size_is_named():
    with pytest.raises(ValueError, match=r"\(512, 512\)"):
        check_multiple((500, 512), 32)
    check_multiple((64, 96), 32)


def test_override_replaces_one_field_of_many():
    changed = override(Outer(), "inner.rate", "2")
    assert changed.inner.rate == 2.0 and changed.inner.name is None and changed.count == 3
    assert override(Outer(), "inner.pair", "[0.5, 1.5]").inner.pair == (0.5, 1.5)
    assert override(Outer(), "inner.name", "null").inner.name is None
    assert override(Outer(), "inner.name", "x").inner.name == "x"
    assert override(Outer(), "flag", "true").flag is True


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("inner.speed", "1", "Known: rate, name, pair"),
        ("count", "1.5", "takes int"),
        ("count", "true", "takes int"),
        ("inner.pair", "0.5,1.5", r"takes a list, like \[1, 2\]"),
        ("flag", "1", "takes bool"),
        ("count.more", "1", "has no parts"),
    ],
)
def test_override_refuses(path, value, message):
    with pytest.raises(ValueError, match=message):
        override(Outer(), path, value)


def test_to_dictionary_is_plain():
    assert to_dictionary(Outer()) == {
        "inner": {"rate": 0.5, "name": None, "pair": [1.0, 2.0]},
        "count": 3,
        "flag": False,
    }
