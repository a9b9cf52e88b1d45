"""A folder of films, one after another: `matte_videos`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tfmatting.errors import InputError
from tfmatting.files import same_file
from tfmatting.imaging.photo_files.formats import describe_other, read_head
from tfmatting.imaging.photo_files.listing import Skipped, scan
from tfmatting.video.composition import check_matte_alone
from tfmatting.video.encoding import ENCODINGS
from tfmatting.video.folder_outputs import TakenOutputs, with_outputs
from tfmatting.video.one_film import FilmResult, matte_film, noting
from tfmatting.video.segments import is_begun

FILMS = (*ENCODINGS, ".m4v", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts")
FILMS += (".wmv", ".flv", ".3gp")
"""A file is a film by its suffix, so that a damaged one is reported, or by its content."""
OUTPUT_EXISTS = "its output exists"


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

    A film that cannot be read, or whose output another film has, does not stop the others.

    Args:
        folder: of films; pictures and other files are left out.
        output: the folder for outputs, which are named after their films. `a.mov` and `a.mp4`
            become `a_mov.mp4` and `a_mp4.mp4`.
        container: suffix of the outputs, ".mp4", ".mov", ".mkv" or ".webm".
        recursive: search subfolders, and write the same tree.
        resume: leave out films whose output exists, and continue one that was stopped.
        manifest: a `.csv` or `.parquet` file with a row for each film; see `one_film.COLUMNS`.
        each: is given each result as it is done.
        options: of `matte_video`, for every film; `progress` among them.

    Returns:
        A result for each film, in order, and what was left out.

    Raises:
        MissingFileError: no such folder.
        InputError: no film in it, an unknown container, the folder's own for outputs, or a
            background for `alpha`.
        MissingExtraError: PyAV or the runtime of the model is not installed.
    """
    folder, output = Path(folder), Path(output)
    if container not in ENCODINGS:
        raise InputError(f"A container is one of {', '.join(ENCODINGS)}. Received: {container!r}.")
    if same_file(output, folder):
        raise InputError(f"Films would be overwritten: {output}. Give another -o.")
    check_matte_alone(options.get("alpha", False), options.get("background", "blur"))
    films, skipped = _list(folder, output, container, recursive)
    results = []
    taken = TakenOutputs(film for film, _ in films)
    with noting(manifest) as note:
        for film, target in films:
            refusal = taken.refusal(film, target)
            if refusal:
                result = FilmResult(film, target, None, 0.0, refusal)
            elif resume and target.exists():
                skipped.append(Skipped(film, OUTPUT_EXISTS))
                taken.take(film, target)
                continue
            else:
                result = matte_film(film, target, resume=resume and is_begun(target), **options)
                taken.take(film, target)
            results.append(result)
            note(result)
            if each:
                each(result)
    return results, skipped


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
    return list(with_outputs(found, folder, output, container)), skipped


def _is_film(path: Path) -> bool:
    return path.suffix.lower() in FILMS or describe_other(read_head(path)) == "a video"
