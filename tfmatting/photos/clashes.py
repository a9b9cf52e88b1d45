"""No two photos become one file: the rules for photos whose names are close.

The outputs of a photo `a.jpg` are named `a` and a tail that begins with `_` or with the suffix
that was asked for. So photos can only be in each other's way where the stem of one begins that of
the other in this manner. `related` cuts a listing into such families, and the rules look at one
family at a time: a folder of a million names needs no more memory than one of ten.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from tfmatting.files import same_file
from tfmatting.inference.further_outputs import PICTURES
from tfmatting.locations import Location
from tfmatting.photos.jobs import MatteJob, Naming, further_path

Item = TypeVar("Item")
NameKey = Callable[[str], tuple[str, str]]


def family_order(naming: Naming) -> NameKey:
    """The order of names in which each family stands together, its shortest stem first."""
    marks = {"_": "\0"} | ({naming.suffix[0]: "\1"} if naming.suffix not in ("", "_") else {})
    table = str.maketrans(marks)

    def key(name: str) -> tuple[str, str]:
        return os.path.splitext(name)[0].translate(table), name  # noqa: PTH122 (a million names)

    return key


def related(
    items: Iterable[Item], name_of: Callable[[Item], str], key: NameKey
) -> Iterator[list[Item]]:
    """Cut items in the order of `key` into families."""
    family: list[Item] = []
    root = ""
    for item in items:
        stem = key(name_of(item))[0]
        if family and not (stem.startswith(root) and stem[len(root) : len(root) + 1] <= "\1"):
            yield family
            family = []
        if not family:
            root = stem
        family.append(item)
    if family:
        yield family


def real(path: Location) -> Location:
    """Where a path leads; unlike `Path.resolve`, a link that leads to itself is no error."""
    return Path(os.path.realpath(path)) if isinstance(path, Path) else path


def own_outputs(photos: list[Location], naming: Naming) -> set[Location]:
    """What an earlier run wrote: NAME_cutout.png beside a photo NAME."""
    suffix = naming.suffix or naming.beside
    stems = {photo.stem for photo in photos}

    def is_output(photo: Location) -> bool:
        names = [photo.stem] if photo.suffix == naming.extension else []
        if photo.suffix == ".png":
            names += [photo.stem.removesuffix(f"_{one}") for one in PICTURES]
        own = [name.removesuffix(suffix) for name in names if name.endswith(suffix)]
        return any(name != photo.stem and name in stems for name in own)

    return {photo for photo in photos if is_output(photo)}


def told_apart(jobs: list[MatteJob], naming: Naming) -> list[MatteJob]:
    """Give photos of one stem outputs of their own; refuse those that still share one."""
    if len(jobs) == 1 and not naming.further and not _is_same(jobs[0].output, jobs[0].photo):
        return jobs  # as most are
    count = Counter(job.output for job in jobs)
    told = []
    for job in jobs:
        output = job.output
        if count[output] > 1:
            kind = job.photo.suffix.lower().removeprefix(".") or "file"
            rest = output.name.removeprefix(job.photo.stem)
            output = output.with_name(f"{job.photo.stem}_{kind}{rest}")
        told.append(replace(job, output=output))
    taken: dict[Location, Location] = {}
    for index, job in enumerate(told):
        refusal = None
        if job.output in taken:
            refusal = f"{taken[job.output]} becomes {job.output} already. Give another -o."
        elif _is_same(job.output, job.photo):
            refusal = f"The photo would be overwritten: {job.output}. Give another -o."
        taken.setdefault(job.output, job.photo)
        told[index] = replace(job, refusal=refusal)
    return with_room(told) if naming.further else told


def with_room(jobs: list[MatteJob]) -> list[MatteJob]:
    """Refuse jobs whose further outputs would overwrite a photo or another job's output."""
    taken = {real(path) for job in jobs for path in (job.photo, job.output)}
    checked = []
    for job in jobs:
        paths = [further_path(job.output, name) for name in PICTURES]
        clash = next((path for path in paths if real(path) in taken), None)
        if clash and not job.refusal:
            job = replace(job, refusal=f"{clash} would be written twice. Give another --suffix.")
        checked.append(job)
    return checked


def _is_same(output: Location, photo: Location) -> bool:
    if not isinstance(output, Path) or not isinstance(photo, Path):
        return output == photo
    return same_file(output, photo)
