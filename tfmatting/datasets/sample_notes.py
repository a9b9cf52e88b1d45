"""What prepared samples were made of, so that those that their sources have outgrown are redone.

A sample's note stands for its files' paths, sizes and modification times, and for how they are
read. Notes are written before samples are, and samples with another note are removed before that:
a file that is there then always belongs to its note, also after the process was killed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from os import stat_result
from pathlib import Path

from tfmatting.datasets.sample import SampleSource
from tfmatting.documents import read_json
from tfmatting.errors import InputError
from tfmatting.files import Identity, write_json

NOTES_FILE = "sources.json"


@dataclass(frozen=True)
class Made:
    """What a sample is made of.

    Attributes:
        note: stands for it; None where that cannot be said.
        changed: the time of the newest file, in nanoseconds; 0 without files.
        identities: of the files.
    """

    note: str | None
    changed: int = 0
    identities: tuple[Identity, ...] = ()


def files_of(source: SampleSource) -> list[Path]:
    """The files that a sample is read from."""
    values = getattr(source, "__dict__", {}).values()
    return [value for value in values if isinstance(value, Path)]


def look_at(sources: Sequence[SampleSource]) -> list[Made]:
    """What each sample is made of."""
    resolved = cache(Path.resolve)  # of the few folders that all files lie in
    with ThreadPoolExecutor() as pool:  # a disk far away takes a while for each file
        return list(pool.map(lambda source: _made(source, resolved), sources))


def remove_outgrown(
    path: Path,
    sources: Sequence[SampleSource],
    made: Sequence[Made],
    outputs: Iterable[Sequence[Path]],
) -> None:
    """Remove the outputs of samples that are made of something else now, and note what they are.

    Args:
        path: of the notes.
        sources: the samples.
        made: what each of them is made of.
        outputs: the files that each of them becomes.

    Raises:
        InputError: the notes are none.
        OSError: a file cannot be removed or written.
    """
    notes = read_json(path) if path.is_file() else {}
    if not isinstance(notes, dict):
        raise InputError(
            f"{path} must be a JSON object of notes. Received: something else. Remove it, or use "
            "another folder."
        )
    for source, one, files in zip(sources, made, outputs, strict=True):
        if _is_outgrown(one, notes.get(source.identifier), files):
            for file in files:
                file.unlink(missing_ok=True)
        if one.note is not None:
            notes[source.identifier] = one.note
    write_json(path, notes)


def _is_outgrown(made: Made, noted: str | None, outputs: Sequence[Path]) -> bool:
    if made.note is not None and noted is not None:
        return made.note != noted
    # an earlier version took no notes
    written = [status.st_mtime_ns for file in outputs if (status := _status(file))]
    return bool(written) and made.changed > min(written)


def _made(source: SampleSource, resolved: Callable[[Path], Path]) -> Made:
    if not is_dataclass(source):
        return Made(None)
    facts: list[str] = [type(source).__name__]
    for field in fields(source):
        value = getattr(source, field.name)
        # a field that a later version adds changes no sample while it has its default
        if field.name != "identifier" and value != field.default:
            shown = resolved(value.parent) / value.name if isinstance(value, Path) else value
            facts.append(f"{field.name} {shown}")
    found = [_status(path) for path in files_of(source)]
    known = [status for status in found if status is not None]
    if len(known) < len(found):
        return Made(None)
    facts += [f"{status.st_size} {status.st_mtime_ns}" for status in known]
    text = "\n".join(facts).encode(errors="surrogateescape")
    return Made(
        hashlib.sha256(text).hexdigest()[:32],
        max((status.st_mtime_ns for status in known), default=0),
        tuple((status.st_dev, status.st_ino) for status in known),
    )


def _status(path: Path) -> stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
