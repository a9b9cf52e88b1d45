"""One photo and the file that is made from it: names, and parts of the work."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TypeVar

from tfmatting.errors import InputError
from tfmatting.locations import Location

STANDARD_STREAM = Path("-")
"""Standard input as a photo, standard output as an output."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class MatteJob:
    """One photo and the file that is made from it.

    Attributes:
        photo, output: the files; "-" for a standard stream.
        refusal: why the job is not done; None for one that is.
    """

    photo: Location
    output: Location
    refusal: str | None = None


@dataclass(frozen=True)
class Naming:
    """How outputs in a folder are named.

    Attributes:
        extension: ".png" or ".jpg".
        suffix: stands between the photo's stem and the extension.
        beside: the suffix of outputs in the photo's own folder, where `suffix` is empty.
        further: each output has the pictures of `PICTURES` beside it.

    Raises:
        InputError: a suffix with folders in it.
    """

    extension: str
    suffix: str = ""
    beside: str = "_cutout"
    further: bool = False

    def __post_init__(self):
        if PurePosixPath(self.suffix).name != self.suffix or "\\" in self.suffix:
            raise InputError(
                f"`suffix` is a part of a file's name such as _cut, without folders. Received: "
                f"{self.suffix!r}."
            )

    def name(self, stem: str, *, beside: bool = False) -> str:
        """The output's name for a photo's stem."""
        return f"{stem}{self.suffix or (self.beside if beside else '')}{self.extension}"


def further_path(output: Location, name: str) -> Location:
    """The PNG of a further output: `a.png` has `a_heat.png` beside it."""
    return output.with_name(f"{output.stem}_{name}.png")


@dataclass(frozen=True)
class Shard:
    """A part of the work, for schedulers that start a command many times.

    The parts are disjoint, of one size up to a photo, and the same on every machine that sees the
    same names.

    Attributes:
        number: from 1.
        count: how many parts there are.
    """

    number: int
    count: int

    def of(self, jobs: Iterable[Item]) -> Iterator[Item]:
        """The shard's jobs: every `count`-th."""
        return islice(jobs, self.number - 1, None, self.count)

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read `i/n`.

        Raises:
            InputError: no two whole numbers with 1 <= i <= n.
        """
        match = re.fullmatch(r"(\d+)/(\d+)", text)
        if match is None or not 1 <= int(match[1]) <= int(match[2]):
            raise InputError(f"A shard is i/n with i from 1 to n. Received: {text!r}.")
        return cls(int(match[1]), int(match[2]))
