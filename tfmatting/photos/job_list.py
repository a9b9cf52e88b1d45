"""The list of jobs: which photos are read, and which files are written.

A list is gone through twice, once to check and count it and once to do it, and is never held in
memory: a folder of a million photos costs what one of a thousand costs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain, groupby
from pathlib import Path, PurePath

from tfmatting.errors import InputError
from tfmatting.imaging.photo_files.formats import IMAGE_SUFFIXES, READ_ONLY_SUFFIXES
from tfmatting.imaging.photo_files.listing import Skipped, scan_location
from tfmatting.locations import Location, RemotePath, location
from tfmatting.photos.clashes import family_order, own_outputs, real, related, told_apart
from tfmatting.photos.jobs import STANDARD_STREAM, MatteJob, Naming, Shard
from tfmatting.photos.photo_table import PhotoTable

OUTPUT_EXISTS = "its output exists"
Skip = Callable[[Skipped], None]
Source = Location | PhotoTable


class JobList(Collection[MatteJob]):
    """Jobs that are listed anew each time they are gone through.

    Args:
        families: lists the jobs; what is left out is given to its argument.
        shard: take this part of the photos alone.
        skip_existing: leave out photos whose output exists.
        noted: whether an earlier run left a row of a photo. One that has an output and no row was
            under way when the run was stopped, and is done again.
        skip: is told what is left out, once.
    """

    def __init__(
        self,
        families: Callable[[Skip], Iterator[list[MatteJob]]],
        shard: Shard | None,
        skip_existing: bool,
        noted: Callable[[Location], bool] | None,
        skip: Skip,
    ):
        self._noted = noted
        self._families, self._shard, self._skip_existing = families, shard, skip_existing
        self._count = sum(1 for _ in self._list(skip))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[MatteJob]:
        return self._list(lambda skipped: None)

    def __contains__(self, job: object) -> bool:
        return any(one == job for one in self)

    def _list(self, skip: Skip) -> Iterator[MatteJob]:
        jobs = chain.from_iterable(self._families(skip))
        if self._shard:
            jobs = self._shard.of(jobs)
        exists = _Existing()
        for job in jobs:
            done = self._skip_existing and exists(job.output)
            if done and (self._noted is None or self._noted(job.photo)):
                skip(Skipped(job.photo, OUTPUT_EXISTS))
            else:
                yield job


def list_jobs(
    photos: Iterable[str | Path | RemotePath | PhotoTable],
    output: str | Path | RemotePath,
    naming: Naming,
    *,
    recursive: bool = False,
    skip_existing: bool = False,
    shard: Shard | None = None,
    noted: Callable[[Location], bool] | None = None,
    skip: Skip | None = None,
) -> tuple[JobList, list[Skipped]]:
    """Pair every photo with an output file.

    Photos of one stem (`a.jpg` and `a.png`) keep their own suffix in the output's name
    (`a_jpg.png` and `a_png.png`). Outputs beside their photos get `naming.beside`; such files of
    an earlier run are left out. A job whose output another job has is refused; the others are
    done.

    Args:
        photos: image files, folders of image files, tables of photos, or "-".
        output: an image file for a single photo, "-", or else a folder.
        naming: of the files in an output folder.
        recursive: search subfolders; the output folder has the same tree.
        skip_existing: leave out photos whose output exists.
        shard: take this part of the photos alone.
        noted: of `skip_existing`; see `JobList`.
        skip: is told what is left out, in place of the list that is returned.

    Returns:
        The jobs: given files in their order, folders by name. And what was left out.

    Raises:
        MissingFileError: no such folder.
        InputError: a folder without images, several photos for one output, an output file that
            would overwrite its photo, or a suffix for one output file.
    """
    given = [photo if isinstance(photo, PhotoTable) else location(photo) for photo in photos]
    output = location(output)
    if naming.further and output == STANDARD_STREAM:
        raise InputError(
            "Further outputs are files beside the output. Received: -o - with --outputs. Give a "
            "file or a folder."
        )

    def families(skip: Skip) -> Iterator[list[MatteJob]]:
        if is_file:
            return iter([told_apart([_job_for_file(given, output, recursive, skip)], naming)])
        each = chain.from_iterable(_families(one, output, naming, recursive, skip) for one in given)
        if len(given) == 1:
            return (told_apart(family, naming) for family in each)
        return iter([told_apart(list(chain.from_iterable(each)), naming)])

    is_file = _is_file_name(output, given[0] if len(given) == 1 else None)
    if is_file and naming.suffix:
        raise InputError(
            f"`suffix` is of files in a folder. Received: {naming.suffix!r} with {output}. Leave "
            "one of them out."
        )
    skipped: list[Skipped] = []
    return JobList(families, shard, skip_existing, noted, skip or skipped.append), skipped


def _families(
    given: Source, output: Location, naming: Naming, recursive: bool, skip: Skip
) -> Iterator[list[MatteJob]]:
    """Jobs of photos that may be in each other's way, before the rules."""
    order = family_order(naming)
    own = not isinstance(given, PhotoTable) and real(given) == real(output)
    pairs = _found(given, recursive, output, skip, naming)
    for folder, entries in groupby(pairs, lambda pair: pair[1]):
        target, beside = output / folder, None
        for family in related((photo for photo, _ in entries), lambda one: one.name, order):
            left_out = own_outputs(family, naming) if own else set()
            for photo in left_out:
                skip(Skipped(photo, "an output of an earlier run"))
            if beside is None:  # one answer for the folder
                stream = family[0] == STANDARD_STREAM
                beside = not stream and real(family[0].parent) == real(target)
            yield [
                MatteJob(photo, target / naming.name(_stem(photo), beside=beside))
                for photo in family
                if photo not in left_out
            ]


def _stem(photo: Location) -> str:
    return "stdin" if photo == STANDARD_STREAM else photo.stem


def _found(
    given: Source, recursive: bool, output: Location, skip: Skip, naming: Naming
) -> Iterator[tuple[Location, PurePath]]:
    """Photos with their folder below the output folder."""
    order = family_order(naming)
    if isinstance(given, PhotoTable):
        for entry in given.found(order):
            if isinstance(entry, Skipped):
                skip(entry)
            else:
                yield entry
        return
    if not given.is_dir():
        yield given, PurePath()
        return
    inside = _Inside(output) if real(output) != real(given) else None
    found, reasons = 0, list[Skipped]()
    for entry in scan_location(given, recursive=recursive, order=order):
        if isinstance(entry, Skipped):
            if not (inside and real(entry.path) == inside.folder):
                reasons = [*reasons, entry][:3]
                skip(entry)
        elif not (inside and inside(entry)):
            found += 1
            yield entry, entry.parent.relative_to(given)  # type: ignore
    if not found:
        named = "".join(f"; left out: {one.path.name} ({one.reason})" for one in reasons)
        raise InputError(f"No pictures in {given}{named}.")


class _Inside:
    """Whether photos lie in a folder; where their own folder leads is looked up once."""

    def __init__(self, folder: Location):
        self.folder = real(folder)
        self._parent: Location | None = None
        self._answer = False

    def __call__(self, path: Location) -> bool:
        if isinstance(path, RemotePath):
            return str(path).startswith(f"{self.folder}/")
        if path.is_symlink():
            return self.folder in Path(os.path.realpath(path)).parents
        if path.parent != self._parent:
            leads_to = Path(os.path.realpath(path.parent))
            self._answer = self.folder in (leads_to, *leads_to.parents)
            self._parent = path.parent
        return self._answer


def _is_file_name(output: Location, given: Source | None) -> bool:
    """Whether an output is a file; a folder's name may have dots.

    Args:
        output: as it was given.
        given: what there is to do, if it is one thing.
    """
    if output == STANDARD_STREAM:
        return True
    if output.is_dir():
        return False
    suffix = output.suffix.lower()
    is_file = isinstance(output, Path) and output.is_file()
    of_one = isinstance(given, Path) and given.is_file() and suffix[1:].isalpha()
    if suffix in READ_ONLY_SUFFIXES or ((is_file or of_one) and suffix not in IMAGE_SUFFIXES):
        raise InputError(
            f"A picture's name ends in {', '.join(IMAGE_SUFFIXES)}. Received: {output.name!r}. A "
            "folder of that name has to be there."
        )
    return suffix in IMAGE_SUFFIXES


def _job_for_file(
    given: Iterable[Source], output: Location, recursive: bool, skip: Skip
) -> MatteJob:
    naming = Naming(output.suffix)
    found = chain.from_iterable(_found(one, recursive, output, skip, naming) for one in given)
    photo, count = None, 0
    for one, _ in found:
        photo, count = photo or one, count + 1
    if photo is None or count != 1:
        raise InputError(f"{count} photos need a folder. Received: -o {output}.")
    if output != STANDARD_STREAM and real(photo) == real(output):
        raise InputError(f"The photo would be overwritten: {output}. Give another name.")
    return MatteJob(photo, output)


class _Existing:
    """Whether outputs exist; of remote folders one listing at a time is kept."""

    def __init__(self):
        self._folder: RemotePath | None = None
        self._names: set[str] = set()

    def __call__(self, output: Location) -> bool:
        if not isinstance(output, RemotePath):
            return output.exists()
        if output.parent != self._folder:
            self._folder = output.parent
            there = self._folder.is_dir()
            self._names = {name for name, _ in self._folder.entries()} if there else set()
        return output.name in self._names
