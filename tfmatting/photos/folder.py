"""Many photos in, as many files out: `matte_folder`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from pathlib import Path

from tfmatting.imaging.background import Background
from tfmatting.inference.loading import OF_PHOTOS
from tfmatting.photos.job_list import JobList, list_jobs
from tfmatting.photos.jobs import MatteJob, Shard
from tfmatting.photos.manifest import Manifest, photos_with_rows
from tfmatting.photos.pool import choose_workers, matte_in_processes
from tfmatting.photos.processor import MatteResult, PhotoProcessor
from tfmatting.photos.report import FolderReport, LeftOut
from tfmatting.photos.settings import BackgroundLike, MatteSettings, ModelLike, Show

Progress = Callable[[Collection[MatteJob]], Iterable[MatteJob]]


def matte_folder(
    photos: str | Path | Sequence[str | Path],
    output: str | Path,
    *,
    model: ModelLike = OF_PHOTOS,
    background: BackgroundLike = "transparent",
    show: Show = "composite",
    threshold: float | None = None,
    refine: bool = True,
    foreground: str = "blur-fusion",
    blur_strength: float = 0.02,
    halo_free: bool = True,
    threads: int | None = None,
    delegate: str | Path | None = None,
    metadata: bool = True,
    outputs: bool = False,
    mirrored: bool = False,
    recursive: bool = False,
    suffix: str = "",
    skip_existing: bool = False,
    shard: str | None = None,
    workers: int | None = 1,
    manifest: str | Path | None = None,
    progress: Progress | None = None,
    each: Callable[[MatteResult], None] | None = None,
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
        delegate: library that runs a `.tflite` model on an accelerator; see `tfmatting.load`.
        metadata: keep date, camera, place (EXIF) and resolution of the photo.
        outputs: also write what else the network says, a PNG each: beside `a.png` there are
            `a_foreground.png`, `a_background.png`, `a_fusion_weight.png`, `a_heat.png` and
            `a_trimap.png` of LFM, `a_trimap.png` of T-Net, `a_detail.png` and `a_semantic.png` of
            MODNet, `a_classes.png` of a segmenter. See docs/photos.md for the files that serve.
        mirrored: the network also sees the mirror image: better mattes in twice the time.
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
        progress: wraps the jobs, for example `tqdm.tqdm`.
        each: is given each result as it is done. The report then keeps counts alone: with it,
            memory does not grow with the number of photos in a folder.

    Returns:
        A `FolderReport`. Check its `failures`.

    Raises:
        InputError: a folder without images, several photos for one output file, an output file
            that would overwrite its photo, an option out of range, or `outputs` of a file that
            gives alpha alone.
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
        delegate,
        metadata,
        outputs,
        mirrored,
    )
    behind = settings.open_background()
    given = [photos] if isinstance(photos, str | Path) else photos
    report = FolderReport(left_out=LeftOut(keep_all=each is None))
    jobs, _ = list_jobs(
        given,
        output,
        settings.naming(behind, suffix),
        recursive=recursive,
        skip_existing=skip_existing,
        shard=Shard.parse(shard) if shard else None,
        noted=photos_with_rows(manifest) if skip_existing else None,
        skip=report.left_out.add,
    )
    count = choose_workers(workers, settings, jobs)
    with contextlib.closing(run_here(settings, behind, jobs, count, progress)) as results:
        return collect(results, report, manifest, each)


def run_here(
    settings: MatteSettings,
    behind: Background,
    jobs: JobList,
    workers: int,
    progress: Progress | None,
) -> Generator[tuple[int, MatteResult]]:
    """Yield each job's number and result as they are done on this machine."""
    wrapped = progress(jobs) if progress else jobs
    if workers > 1:
        yield from matte_in_processes(settings, wrapped, workers)
        return
    processor = PhotoProcessor(settings, behind)
    for number, job in enumerate(wrapped):
        yield number, processor.run(job)


def collect(
    results: Iterable[tuple[int, MatteResult]],
    report: FolderReport,
    manifest: str | Path | None,
    each: Callable[[MatteResult], None] | None,
) -> FolderReport:
    """Count results, write their rows, and keep them in order unless `each` takes them."""
    kept: dict[int, MatteResult] = {}
    with Manifest(manifest) if manifest else contextlib.nullcontext() as table:
        for number, result in results:
            report.total += 1
            report.failed += result.error is not None
            if table:
                table.add(result)
            if each:
                each(result)
            else:
                kept[number] = result
    report.results = [kept[number] for number in sorted(kept)]
    return report
