"""What `prepare` finds in the folder that it is to fill, and what it refuses there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from tfmatting.datasets.names import SAMPLE
from tfmatting.documents import read_json
from tfmatting.errors import InputError
from tfmatting.files import Identity, identity, same_file

SETTINGS_FILE, REPORT_FILE = "prepare.json", "report.csv"
FOLDERS = ("image", "alpha", "trimap")


@dataclass(frozen=True)
class Origin:
    """Where samples come from: what decides them beside the settings of their preparation.

    Attributes:
        layout: a name of `LAYOUTS`, or "sample".
        source: the data set's folder; None for drawn samples.
        person: the person's number, where masks hold class numbers.
        ignored: the number that states no class.
        count: of drawn samples; None for others.
    """

    layout: str
    source: Path | None = None
    person: int | None = None
    ignored: int | None = None
    count: int | None = None

    @classmethod
    def of(cls, layout: str, source: Path | None, count: int, **masks: int | None) -> Origin:
        """What decides the samples of a layout: a count means nothing to files."""
        return cls(layout, count=count) if layout == SAMPLE else cls(layout, source, **masks)

    def facts(self) -> dict[str, Any]:
        """As JSON holds them, with the folder that links lead to."""
        source = None if self.source is None else str(self.source.resolve())
        return asdict(self) | {"source": source}


def refuse_overlap(output: Path, files: Iterable[Path], source: Path | None) -> None:
    """Refuse an output that is the source or lies among its files, or has it among its samples.

    Args:
        output: the folder to fill.
        files: of the samples. Lists name files anywhere, so that each one's folder counts.
        source: the data set's folder, if it is known. Another folder in it may be filled.

    Raises:
        InputError: see above; links are followed.
    """
    holders = {path.parent for path in files}
    places = {place for holder in holders for place in _upwards(holder)}
    filled = {identity(output / name) for name in FOLDERS} - {None}
    inside = {identity(holder) for holder in holders} - {None}
    if (
        (source is not None and same_file(source, output))
        or any(identity(place) in inside for place in _upwards(output))
        or any(identity(place) in filled for place in places)
    ):
        raise InputError(
            f"Samples are written outside their source, of which nothing may be replaced. "
            f"Received: {output}, for samples of {source or min(holders)}. Give another -o."
        )


def refuse_overwriting(
    output: Path, outputs: Iterable[Path], sources: Collection[Identity], others: Iterable[str]
) -> None:
    """Refuse to replace a file that `prepare` has not written.

    Args:
        output: the folder to fill.
        outputs: the files of its samples.
        sources: the files that the samples are made of.
        others: the names of what is written beside the samples.

    Raises:
        InputError: an output is a source, or the folder is none or was begun by something else.
    """
    if output.exists() and not output.is_dir():
        raise InputError(f"Samples go to a folder. Received: {output}, a file. Give another -o.")
    for path in outputs if sources else ():
        if identity(path) in sources:
            raise InputError(
                f"A photo or mask of the source would be overwritten: {path}. Give another -o."
            )
    if (output / SETTINGS_FILE).exists():
        return
    taken = [name for name in FOLDERS if _holds_files(output / name)]
    taken += [name for name in others if (output / name).exists()]
    if taken:
        raise InputError(
            f"`prepare` adds to no folder that it has not begun. Received: {output}, which has "
            f"{taken[0]} and no {SETTINGS_FILE}. Give another -o."
        )


def settings_to_note(
    output: Path, settings: dict[str, Any], defaults: dict[str, Any], origin: Origin | None
) -> dict[str, Any]:
    """What `prepare.json` is to hold.

    Args:
        output: the folder to fill.
        settings: of this preparation.
        defaults: what an earlier version's folder was begun with, where it noted nothing.
        origin: of the samples, if it is known.

    Raises:
        InputError: the folder holds samples of other settings or another origin, or a
            `prepare.json` of something else.
        OSError: it cannot be read.
    """
    path = output / SETTINGS_FILE
    facts = {} if origin is None else origin.facts()
    written = read_json(path) if path.is_file() else settings
    if not isinstance(written, dict) or not settings.keys() & written.keys():
        raise InputError(
            f"{path} must be a JSON object of settings. Received: something else. Use another "
            "folder."
        )
    if not any(_holds_files(output / name) for name in FOLDERS):
        return settings | facts  # no sample was written: there is nothing to mix
    # earlier versions and calls from Python note no origin
    names = [field.name for field in fields(Origin)]
    noted = {name: written[name] for name in names if name in written}
    wanted = settings | noted | facts
    begun = defaults | facts | written
    changed = [name for name in begun if begun[name] != wanted.get(name)]
    if changed:
        raise InputError(
            f"{output} was begun with {_listed(begun, changed)}. Received: "
            f"{_listed(wanted, changed)}. Use the same settings, or another folder."
        )
    return wanted


def _listed(values: dict[str, Any], names: list[str]) -> str:
    return ", ".join(f"{name} {values.get(name)!r}" for name in names)


def _upwards(path: Path) -> tuple[Path, ...]:
    """A folder without links, and all that it lies in."""
    path = path.resolve()
    return (path, *path.parents)


def _holds_files(path: Path) -> bool:
    """Whether there is anything but hidden files, such as those of a killed process."""
    if not path.is_dir():
        return path.exists()
    return any(not entry.name.startswith(".") for entry in path.iterdir())
