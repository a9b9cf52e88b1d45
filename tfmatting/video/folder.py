"""A folder of films, one after another: `matte_videos`."""

from __future__ import annotations

import contextlib
import datetime
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfmatting.errors import InputError, MissingExtraError, MissingFileError
from tfmatting.imaging.photo_files.formats import describe_other, read_head
from tfmatting.imaging.photo_files.listing import Skipped, scan
from tfmatting.row_file import RowFile
from tfmatting.video.encoding import ENCODINGS
from tfmatting.video.matte import VideoReport, matte_video
from tfmatting.video.segments import is_begun

FILMS = (*ENCODINGS, ".m4v", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts")
FILMS += (".wmv", ".flv", ".3gp")
"""A file is a film by its suffix, so that a damaged one is reported, or by its content."""
OUTPUT_EXISTS = "its output exists"
COLUMNS = {
    "film": str,
    "output": str,
    "frames": int,
    "seconds": float,
    "problems": str,
    "error": str,
    "time": str,
}
"""`seconds` is how long the work took; `problems` are what could not be read, with "; " between;
`time` is when the film was done, in UTC."""


@dataclass(frozen=True)
class FilmResult:
    """What became of a film.

    Attributes:
        film, output: the files. The output exists only if there was no error.
        report: what `matte_video` said; None after an error.
        seconds: how long it took.
        error: why there is no output, or None.
    """

    film: Path
    output: Path
    report: VideoReport | None
    seconds: float
    error: Exception | None = None

    @property
    def sound(self) -> bool:
        """Whether all of the film could be read and written."""
        return self.report is not None and not self.report.problems

    def row(self) -> dict[str, Any]:
        """What became of it, by the names of `COLUMNS`."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        frames, problems = (self.report.frames, self.report.problems) if self.report else (0, [])
        error = "" if self.error is None else str(self.error)
        values = (self.film, self.output, frames, f"{self.seconds:.1f}", "; ".join(problems))
        return dict(zip(COLUMNS, (*values, error, now), strict=True))


def matte_videos(
    folder: str | Path,
    output: str | Path,
    *,
    container: str = ".mp4",
    recursive: bool = False,
    resume: bool = False,
    manifest: str | Path | None = None,
    each: Callable[[FilmResult], None] | None = None,
    **options: Any,
) -> tuple[list[FilmResult], list[Skipped]]:
    """Matte every film of a folder, one after another.

    A film that cannot be read does not stop the others.

    Args:
        folder: of films; pictures and other files are left out.
        output: the folder for outputs, which are named after their films. `a.mov` and `a.mp4`
            become `a_mov.mp4` and `a_mp4.mp4`.
        container: suffix of the outputs, ".mp4", ".mov", ".mkv" or ".webm".
        recursive: search subfolders, and write the same tree.
        resume: leave out films whose output exists, and continue one that was stopped.
        manifest: a `.csv` or `.parquet` file with a row for each film; see `COLUMNS`.
        each: is given each result as it is done.
        options: of `matte_video`, for every film; `progress` among them.

    Returns:
        A result for each film, in order, and what was left out.

    Raises:
        MissingFileError: no such folder.
        InputError: no film in it, an unknown container, or the folder's own for outputs.
        MissingExtraError: PyAV or the runtime of the model is not installed.
    """
    folder, output = Path(folder), Path(output)
    if container not in ENCODINGS:
        raise InputError(f"A container is one of {', '.join(ENCODINGS)}. Received: {container!r}.")
    if output.exists() and output.samefile(folder):
        raise InputError(f"Films would be overwritten: {output}. Give another -o.")
    films, skipped = _list(folder, output, container, recursive)
    results = []
    with RowFile(manifest, COLUMNS) if manifest else contextlib.nullcontext() as table:
        for film, target in films:
            if resume and target.exists():
                skipped.append(Skipped(film, OUTPUT_EXISTS))
                continue
            result = _matte(film, target, resume and is_begun(target), options)
            results.append(result)
            if table:
                table.write(result.row())
            if each:
                each(result)
    return results, skipped


def _matte(film: Path, target: Path, resume: bool, options: dict[str, Any]) -> FilmResult:
    start, report, failure = time.monotonic(), None, None
    try:
        report = matte_video(film, target, resume=resume, **options)
    except MissingExtraError:
        raise  # every film would need it
    except (ValueError, OSError) as error:
        if isinstance(error, MissingFileError) and film.exists():
            raise  # the model, which every film would need
        failure = error
    return FilmResult(film, target, report, time.monotonic() - start, failure)


def _list(
    folder: Path, output: Path, container: str, recursive: bool
) -> tuple[list[tuple[Path, Path]], list[Skipped]]:
    """Films with their outputs, and what was left out."""
    inside = output.resolve()
    found, skipped = [], list[Skipped]()
    for entry in scan(folder, recursive=recursive):
        path = entry if isinstance(entry, Path) else Path(str(entry.path))
        if inside == path.resolve() or inside in path.resolve().parents:
            continue
        if path.is_file() and _is_film(path):
            found.append(path)
        else:
            skipped.append(entry if isinstance(entry, Skipped) else Skipped(path, "a picture"))
    if not found:
        named = "".join(f"; left out: {one.path.name} ({one.reason})" for one in skipped[:3])
        raise InputError(f"No films in {folder}{named}.")
    return list(_named(found, folder, output, container)), skipped


def _named(
    films: list[Path], folder: Path, output: Path, container: str
) -> Iterator[tuple[Path, Path]]:
    count = Counter(film.with_suffix("") for film in films)
    for film in films:
        kind = f"_{film.suffix[1:].lower()}" if count[film.with_suffix("")] > 1 else ""
        yield film, output / film.parent.relative_to(folder) / f"{film.stem}{kind}{container}"


def _is_film(path: Path) -> bool:
    return path.suffix.lower() in FILMS or describe_other(read_head(path)) == "a video"
