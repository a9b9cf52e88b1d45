"""Which output each film of a folder gets: no two become one file, and no film is replaced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tfmatting.errors import InputError
from tfmatting.files import Identity, identity


def with_outputs(
    films: list[Path], folder: Path, output: Path, container: str
) -> Iterator[tuple[Path, Path]]:
    """Pair films with their outputs; films of one stem keep their suffix in the name."""
    count = Counter(film.with_suffix("") for film in films)
    for film in films:
        kind = f"_{film.suffix[1:].lower()}" if count[film.with_suffix("")] > 1 else ""
        yield film, output / film.parent.relative_to(folder) / f"{film.stem}{kind}{container}"


class TakenOutputs:
    """The outputs that a run has given away, by their names and by the files that they are.

    Names alone do not do: where capitals do not count, and behind links, two names are one file.

    Args:
        films: of the run; none of them may be an output.
    """

    def __init__(self, films: Iterable[Path]):
        self._names: dict[Path, Path] = {}
        self._films = {identity(film): film for film in films}
        self._files: dict[Identity | None, Path] = {}

    def refusal(self, film: Path, output: Path) -> InputError | None:
        """Return why a film must not become an output, or None."""
        there = identity(output)
        replaced = self._films.get(there) if there else None
        if replaced:
            return InputError(
                f"The video would be overwritten: {output} is {replaced}. Give another -o."
            )
        other = self._names.get(output) or (self._files.get(there) if there else None)
        if other:
            return InputError(f"{other} becomes {output} already. Rename one of the two films.")
        return None

    def take(self, film: Path, output: Path) -> None:
        """Note, after the work, that an output belongs to a film."""
        self._names[output] = film
        self._files[identity(output)] = film
