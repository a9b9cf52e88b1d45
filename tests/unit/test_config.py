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
    changed = override(Outer(), {"inner.rate": "2"})
    assert changed.inner.rate == 2.0 and changed.inner.name is None and changed.count == 3
    assert override(Outer(), {"inner.pair": "[0.5, 1.5]"}).inner.pair == (0.5, 1.5)
    assert override(Outer(), {"inner.name": "null"}).inner.name is None
    assert override(Outer(), {"inner.name": "x"}).inner.name == "x"
    assert override(Outer(), {"flag": "true"}).flag is True


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
        override(Outer(), {path: value})


@dataclasses.dataclass(frozen=True)
class Range:
    name: str = "a"
    low: int = 1
    high: int = 2

    def __post_init__(self):
        if self.low > self.high:
            raise ValueError(f"low <= high. Received: {self.low}, {self.high}")


@dataclasses.dataclass(frozen=True)
class Ranges:
    parts: tuple[Range, ...] = (Range("a"), Range("b"))


@pytest.mark.parametrize("order", [1, -1])
def test_fields_that_fit_together_only_are_replaced_at_once(order):
    asked = {"parts.b.low": "7", "parts.a.high": "5", "parts.b.high": "8"}
    changed = override(Ranges(), dict(list(asked.items())[::order]))
    assert changed.parts == (Range("a", 1, 5), Range("b", 7, 8))
    with pytest.raises(ValueError, match="Received: 7, 2"):
        override(Ranges(), {"parts.a.low": "7"})


@pytest.mark.parametrize("order", [1, -1])
def test_a_field_is_set_as_a_whole_or_in_parts(order):
    asked = [("inner", "1"), ("inner.rate", "2")][::order]
    with pytest.raises(ValueError, match="'inner' is set as a whole or in parts"):
        override(Outer(), dict(asked))


def test_to_dictionary_is_plain():
    assert to_dictionary(Outer()) == {
        "inner": {"rate": 0.5, "name": None, "pair": [1.0, 2.0]},
        "count": 3,
        "flag": False,
    }
