"""The list of jobs: which photos are read, and which files are written."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from tfmatting.errors import InputError
from tfmatting.imaging.photo_files.formats import IMAGE_SUFFIXES, READ_ONLY_SUFFIXES
from tfmatting.imaging.photo_files.listing import Skipped, scan

STANDARD_STREAM = Path("-")
"""Standard input as a photo, standard output as an output."""
OUTPUT_EXISTS = "its output exists"


@dataclass(frozen=True)
class MatteJob:
    """One photo and the file that is made from it.

    Attributes:
        photo, output: the files; "-" for a standard stream.
        refusal: why the job is not done; None for one that is.
    """

    photo: Path
    output: Path
    refusal: str | None = None


@dataclass(frozen=True)
class Naming:
    """How outputs in a folder are named.

    Attributes:
        extension: ".png" or ".jpg".
        suffix: stands between the photo's stem and the extension.
        beside: the suffix of outputs in the photo's own folder, where `suffix` is empty.
    """

    extension: str
    suffix: str = ""
    beside: str = "_cutout"

    def name(self, stem: str, *, beside: bool = False) -> str:
        """The output's name for a photo's stem."""
        return f"{stem}{self.suffix or (self.beside if beside else '')}{self.extension}"


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

    def of(self, jobs: list[MatteJob]) -> list[MatteJob]:
        """The shard's jobs: every `count`-th."""
        return jobs[self.number - 1 :: self.count]

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


def list_jobs(
    photos: Iterable[str | Path],
    output: str | Path,
    naming: Naming,
    *,
    recursive: bool = False,
    skip_existing: bool = False,
    shard: Shard | None = None,
) -> tuple[list[MatteJob], list[Skipped]]:
    """Pair every photo with an output file.

    Photos of one stem (`a.jpg` and `a.png`) keep their own suffix in the output's name
    (`a_jpg.png` and `a_png.png`). Outputs beside their photos get `naming.beside`; such files of
    an earlier run are left out. A job whose output another job has is refused; the others are
    done.

    Args:
        photos: image files, folders of image files, or "-".
        output: an image file for a single photo, "-", or else a folder.
        naming: of the files in an output folder.
        recursive: search subfolders; the output folder has the same tree.
        skip_existing: leave out photos whose output exists.
        shard: take this part of the photos alone.

    Returns:
        The jobs in the order of the photos, and what was left out.

    Raises:
        MissingFileError: no such folder.
        InputError: a folder without images, several photos for one output, or an output file
            that would overwrite its photo.
    """
    output = Path(output)
    if _is_file_name(output):
        jobs, skipped = _job_for_file(photos, output, recursive)
    else:
        jobs, skipped = _jobs_for_folder(photos, output, naming, recursive)
    if shard:
        jobs = shard.of(jobs)
    if skip_existing:
        skipped += [Skipped(job.photo, OUTPUT_EXISTS) for job in jobs if job.output.exists()]
        jobs = [job for job in jobs if not job.output.exists()]
    return jobs, skipped


def _jobs_for_folder(
    photos: Iterable[str | Path], output: Path, naming: Naming, recursive: bool
) -> tuple[list[MatteJob], list[Skipped]]:
    jobs: list[MatteJob] = []
    skipped: list[Skipped] = []
    for given in map(Path, photos):
        found, left_out = _expand(given, recursive, output)
        if _real(given) == _real(output):
            found, own = _without_outputs(found, naming)
            left_out += own
        skipped += left_out
        for photo, folder in found:
            target = output / folder
            beside = photo != STANDARD_STREAM and _real(photo.parent) == _real(target)
            stem = "stdin" if photo == STANDARD_STREAM else photo.stem
            jobs.append(MatteJob(photo, target / naming.name(stem, beside=beside)))
    return _told_apart(jobs), skipped


def _real(path: Path) -> Path:
    """Where a path leads; unlike `Path.resolve`, a link that leads to itself is no error."""
    return Path(os.path.realpath(path))


def _is_file_name(output: Path) -> bool:
    """Whether an output is a file; a folder's name may have dots."""
    if output == STANDARD_STREAM:
        return True
    if output.is_dir():
        return False
    suffix = output.suffix.lower()
    if suffix in READ_ONLY_SUFFIXES or (output.is_file() and suffix not in IMAGE_SUFFIXES):
        raise InputError(
            f"A picture's name ends in {', '.join(IMAGE_SUFFIXES)}. Received: {output.name!r}."
        )
    return suffix in IMAGE_SUFFIXES


def _expand(
    path: Path, recursive: bool, output: Path
) -> tuple[list[tuple[Path, Path]], list[Skipped]]:
    """Photos with their folder below the output folder, and what was left out."""
    if not path.is_dir():
        return [(path, Path())], []
    inside = _real(output) if _real(output) != _real(path) else None
    found: list[tuple[Path, Path]] = []
    skipped: list[Skipped] = []
    for entry in scan(path, recursive=recursive):
        if isinstance(entry, Skipped):
            if not (inside and _real(entry.path) == inside):
                skipped.append(entry)
        elif not (inside and inside in _real(entry).parents):
            found.append((entry, entry.parent.relative_to(path)))
    if not found:
        reasons = "".join(f"; left out: {one.path.name} ({one.reason})" for one in skipped[:3])
        raise InputError(f"No pictures in {path}{reasons}.")
    return found, skipped


def _without_outputs(
    found: list[tuple[Path, Path]], naming: Naming
) -> tuple[list[tuple[Path, Path]], list[Skipped]]:
    """Leave out what an earlier run wrote: NAME_cutout.png beside a photo NAME."""
    suffix = naming.suffix or naming.beside
    stems = {photo.with_suffix("") for photo, _ in found}

    def is_output(photo: Path) -> bool:
        stem = photo.stem.removesuffix(suffix)
        ours = photo.suffix == naming.extension and stem != photo.stem
        return ours and photo.with_name(stem) in stems

    own = [Skipped(photo, "an output of an earlier run") for photo, _ in found if is_output(photo)]
    return [pair for pair in found if not is_output(pair[0])], own


def _told_apart(jobs: list[MatteJob]) -> list[MatteJob]:
    """Give photos of one stem outputs of their own; refuse those that still share one."""
    count = Counter(job.output for job in jobs)
    told = []
    for job in jobs:
        output = job.output
        if count[output] > 1:
            kind = job.photo.suffix.lower().removeprefix(".") or "file"
            rest = output.name.removeprefix(job.photo.stem)
            output = output.with_name(f"{job.photo.stem}_{kind}{rest}")
        told.append(replace(job, output=output))
    taken: dict[Path, Path] = {}
    for index, job in enumerate(told):
        refusal = None
        if job.output in taken:
            refusal = f"{taken[job.output]} becomes {job.output} already. Give another -o."
        elif job.output.exists() and job.photo.exists() and job.output.samefile(job.photo):
            refusal = f"The photo would be overwritten: {job.output}. Give another -o."
        taken.setdefault(job.output, job.photo)
        told[index] = replace(job, refusal=refusal)
    return told


def _job_for_file(
    photos: Iterable[str | Path], output: Path, recursive: bool
) -> tuple[list[MatteJob], list[Skipped]]:
    expanded = [_expand(Path(given), recursive, output) for given in photos]
    paths = [photo for found, _ in expanded for photo, _ in found]
    if len(paths) != 1:
        raise InputError(f"{len(paths)} photos need a folder. Received: -o {output}.")
    if output != STANDARD_STREAM and _real(paths[0]) == _real(output):
        raise InputError(f"The photo would be overwritten: {output}. Give another name.")
    return [MatteJob(paths[0], output)], [one for _, skipped in expanded for one in skipped]
