"""Many photos in, as many files out: `matte_folder`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tfmatting.inference.loading import DEFAULT
from tfmatting.photos.jobs import MatteJob, list_jobs
from tfmatting.photos.processor import MatteResult, PhotoProcessor
from tfmatting.photos.settings import BackgroundLike, MatteSettings, ModelLike, Show


@dataclass(frozen=True)
class FolderReport:
    """What `matte_folder` did.

    Attributes:
        results: one for every photo, in order.
    """

    results: Sequence[MatteResult]

    @property
    def written(self) -> list[Path]:
        """The files that were written."""
        return [result.output for result in self.results if result.error is None]

    @property
    def failures(self) -> list[MatteResult]:
        """The photos that could not be processed, each with its `error`."""
        return [result for result in self.results if result.error is not None]


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
    progress: Callable[[Sequence[MatteJob]], Iterable[MatteJob]] | None = None,
) -> FolderReport:
    """Process photos from files to files.

    A photo that cannot be read does not stop the others: it becomes one of the report's
    `failures`. Outputs are written whole or not at all, and never over a photo.

    Args:
        photos: an image file, a folder of image files, or several of both. Subfolders are not
            searched.
        output: an image file for a single photo, else a folder. Files in a folder are named
            after their photos and end in `.png`, or in `.jpg` if they are opaque composites.
        model: see `cutout`.
        background: "transparent", or as for `replace_background`.
        show: what an output shows. "composite": the person over the background; "alpha": the
            matte in grey; "visualize": photo, prediction and overlay side by side.
        threshold: see `cutout`.
        refine: see `cutout`.
        foreground: see `cutout`.
        blur_strength: see `replace_background`.
        halo_free: see `replace_background`.
        threads: see `cutout`.
        progress: wraps the list of jobs, for example `tqdm.tqdm`.

    Returns:
        A `FolderReport`. Check its `failures`.

    Raises:
        InputError: a folder without images, several photos for one output, an output that would
            overwrite its photo, or an option out of range.
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
    )
    behind = settings.open_background()
    given = [photos] if isinstance(photos, str | Path) else photos
    jobs = list_jobs(given, output, settings.output_suffix(behind))
    processor = PhotoProcessor(settings, behind)
    return FolderReport([processor.run(job) for job in (progress(jobs) if progress else jobs)])
