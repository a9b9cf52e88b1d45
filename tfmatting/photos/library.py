"""A library of photos, on this machine, in a bucket or in a list: `matte_library`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from tfmatting.errors import InputError, MissingFileError
from tfmatting.inference.predictor import Predictor
from tfmatting.locations import Location, location
from tfmatting.photos.cluster import matte_on_cluster
from tfmatting.photos.folder import Progress, collect, run_here
from tfmatting.photos.job_list import list_jobs
from tfmatting.photos.jobs import Shard
from tfmatting.photos.manifest import photos_with_rows
from tfmatting.photos.photo_table import SUFFIXES, PhotoTable
from tfmatting.photos.pool import choose_workers
from tfmatting.photos.processor import MatteResult
from tfmatting.photos.report import FolderReport, LeftOut
from tfmatting.photos.settings import MatteSettings


def matte_library(
    photos: str | Path,
    output: str | Path,
    *,
    settings: MatteSettings | None = None,
    cluster: str | None = None,
    workers: int | None = None,
    below: str | None = None,
    suffix: str = "",
    overwrite: bool = False,
    shard: str | None = None,
    manifest: str | Path | None = None,
    progress: Progress | None = None,
    each: Callable[[MatteResult], None] | None = None,
) -> FolderReport:
    """Process a library of photos; the outputs keep its tree. The files are those of `matte`.

    A run that was stopped is continued by the same call: photos whose output exists are left out.
    Outputs are written whole or not at all.

    Args:
        photos: a folder, the URL of one (`s3://bucket/photos`; extra `cluster`), or a `.parquet`
            or `.csv` table with a column `photo` of paths or URLs.
        output: a folder or its URL.
        settings: what to make.
        cluster: where Ray is: "local" for a new one on this machine, "auto" for the one that this
            machine belongs to, or `host:port` (extra `cluster`). The model's name or path, and all
            paths, are those of every node. None uses processes of this machine.
        workers: processes in all; one for each core if omitted.
        below: of a table: outputs keep the tree below this folder; if omitted, below the folder
            that the photos have in common.
        suffix: see `matte_folder`.
        overwrite: do photos anew whose output exists.
        shard: see `matte_folder`.
        manifest: see `matte_folder`; a file of this machine.
        progress: wraps the jobs, for example `tqdm.tqdm`.
        each: see `matte_folder`.

    Returns:
        A `FolderReport`.

    Raises:
        InputError: no photos, a table without the column, a loaded `Predictor` on a cluster, or
            an option out of range.
        MissingFileError: the photos or the model do not exist.
        MissingExtraError: an optional package is missing.
    """
    settings = settings or MatteSettings()
    if cluster and isinstance(settings.model, Predictor):
        raise InputError("A cluster loads the model itself. Received: a Predictor. Give its file.")
    behind = settings.open_background()
    report = FolderReport(left_out=LeftOut(keep_all=each is None))
    jobs, _ = list_jobs(
        [_source(location(photos), below)],
        _folder(location(output)),
        settings.naming(behind, suffix),
        recursive=True,
        skip_existing=not overwrite,
        shard=Shard.parse(shard) if shard else None,
        noted=None if overwrite else photos_with_rows(manifest),
        skip=report.left_out.add,
    )
    if cluster:
        results = matte_on_cluster(settings, jobs, cluster, workers, progress)
    else:
        count = choose_workers(workers, settings, jobs)
        results = run_here(settings, behind, jobs, count, progress)
    with contextlib.closing(results):
        return collect(results, report, manifest, each)


def _source(photos: Location, below: str | None) -> Location | PhotoTable:
    is_table = photos.suffix.lower() in SUFFIXES
    if below and not is_table:
        raise InputError(f"`below` is of a table. Received: {below!r} with {photos}.")
    if is_table and isinstance(photos, Path):
        if not photos.is_file():
            raise MissingFileError(f"No table at {photos}.")
        return PhotoTable(photos, below)
    if not photos.is_dir():
        raise MissingFileError(f"No folder and no .parquet or .csv table of photos at {photos}.")
    return photos


def _folder(output: Location) -> Location:
    if isinstance(output, Path) and output.exists() and not output.is_dir():
        raise InputError(f"A library's output is a folder. Received the file {output}.")
    return output
