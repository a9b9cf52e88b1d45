"""Many photos in, as many files out: `matte_folder`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from tfmatting.imaging.background import Background
from tfmatting.inference.loading import DEFAULT
from tfmatting.photos.jobs import MatteJob, Shard, list_jobs
from tfmatting.photos.manifest import Manifest
from tfmatting.photos.pool import choose_workers, run_in_processes
from tfmatting.photos.processor import MatteResult, PhotoProcessor
from tfmatting.photos.report import FolderReport
from tfmatting.photos.settings import BackgroundLike, MatteSettings, ModelLike, Show


def matte_folder(
    photos: str | Path | Sequence[str | Path],
    output: str | Path,
    *,
    model: ModelLike = DEFAULT,
    background: BackgroundLike = "transparent",
    show: Show = "composite",
    threshold: float | None = None,
    refine: bool = True,
    foreground: str = "blur-fusion",
    blur_strength: float = 0.02,
    halo_free: bool = True,
    threads: int | None = None,
    metadata: bool = True,
    recursive: bool = False,
    suffix: str = "",
    skip_existing: bool = False,
    shard: str | None = None,
    workers: int | None = 1,
    manifest: str | Path | None = None,
    progress: Callable[[Sequence[MatteJob]], Iterable[MatteJob]] | None = None,
) -> FolderReport:
    """Process photos from files to files.

    A photo that cannot be read does not stop the others: it becomes one of the report's
    `failures`. What is no photo is among its `skipped`. Outputs are written whole or not at all,
    and never over a photo. They carry the photo's colour profile; colours are not converted.

    Args:
        photos: an image file, a folder of image files, or several of both; "-" is standard
            input.
        output: an image file for a single photo, "-" for standard output, else a folder. Files
            in a folder are named after their photos and end in `.png`, or in `.jpg` if they are
            opaque composites. `a.jpg` and `a.png` become `a_jpg.png` and `a_png.png`. In the
            photos' own folder, names end in `_cutout`, `_composite`, `_matte`, `_trimap` or
            `_visualized`.
        model: see `cutout`.
        background: "transparent", or as for `replace_background`.
        show: what an output shows. "composite": the person over the background; "alpha": the
            matte in grey; "visualize": photo, prediction and overlay side by side; "trimap": of
            T-Net or LFM.
        threshold: see `cutout`.
        refine: see `cutout`.
        foreground: see `cutout`.
        blur_strength: see `replace_background`.
        halo_free: see `replace_background`.
        threads: see `cutout`.
        metadata: keep date, camera, place (EXIF) and resolution of the photo.
        recursive: search subfolders, and write the same tree.
        suffix: of the names of files in a folder, before `.png`: "_cutout" makes `a_cutout.png`.
        skip_existing: leave out photos whose output exists; else it is replaced.
        shard: "i/n" takes the i-th of n parts of the photos, as a task of a Slurm array does.
        workers: processes, each with one thread of the network unless `threads` says otherwise.
            None takes one for each core where there are more photos than cores. A script that
            uses several needs its `if __name__ == "__main__":`. A process that the system ends
            costs its photo one retry.
        manifest: a `.csv` or `.parquet` file with a row for each photo: output, size, coverage,
            milliseconds and error. Rows of earlier runs stay, but for photos that are done anew.
        progress: wraps the list of jobs, for example `tqdm.tqdm`.

    Returns:
        A `FolderReport`. Check its `failures`.

    Raises:
        InputError: a folder without images, several photos for one output file, an output file
            that would overwrite its photo, or an option out of range.
        MissingFileError: the model does not exist.
        MissingExtraError: an optional package is missing.

    Example:
        >>> import tfmatting
        >>> from skimage.data import astronaut
        >>> from tfmatting.imaging.io import write_image
        >>> write_image("photos/astronaut.jpg", astronaut())
        >>> report = tfmatting.matte_folder("photos", "cutouts")
        >>> [path.name for path in report.written], report.failures
        (['astronaut.png'], [])
    """
    settings = MatteSettings(
        model,
        background,
        show,
        threshold,
        refine,
        foreground,
        blur_strength,
        halo_free,
        threads,
        metadata,
    )
    behind = settings.open_background()
    given = [photos] if isinstance(photos, str | Path) else photos
    jobs, skipped = list_jobs(
        given,
        output,
        settings.naming(behind, suffix),
        recursive=recursive,
        skip_existing=skip_existing,
        shard=Shard.parse(shard) if shard else None,
    )
    count = choose_workers(workers, settings, jobs)
    results: dict[int, MatteResult] = {}
    with Manifest(manifest) if manifest else contextlib.nullcontext() as table:
        for number, result in _run(settings, behind, progress(jobs) if progress else jobs, count):
            results[number] = result
            if table:
                table.add(result)
    return FolderReport([results[number] for number in sorted(results)], skipped)


def _run(
    settings: MatteSettings, behind: Background, jobs: Iterable[MatteJob], workers: int
) -> Iterator[tuple[int, MatteResult]]:
    """Yield each job's number and result as they are done."""
    if workers > 1:
        yield from run_in_processes(settings, jobs, workers)
        return
    processor = PhotoProcessor(settings, behind)
    for number, job in enumerate(jobs):
        yield number, processor.run(job)
