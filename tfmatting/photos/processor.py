"""Processes photos one at a time with a model and a background that are loaded once."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmatting.errors import InputError, MissingExtraError
from tfmatting.files import check_file
from tfmatting.imaging.background import Background
from tfmatting.imaging.io import alpha_to_uint8
from tfmatting.imaging.photo_files.colour_profile import ColourProfile
from tfmatting.imaging.photo_files.photo import Metadata, Photo
from tfmatting.imaging.photo_files.reading import decode_photo, read_photo
from tfmatting.imaging.photo_files.writing import encode_image, write_image
from tfmatting.imaging.visualization import beside_photo
from tfmatting.inference.further_outputs import NoFurtherOutputsError
from tfmatting.inference.loading import load
from tfmatting.inference.predictor import Predictor
from tfmatting.locations import Location, RemotePath
from tfmatting.photos.jobs import STANDARD_STREAM, MatteJob, further_path
from tfmatting.photos.settings import BackgroundLike, MatteSettings


@dataclass(frozen=True)
class MatteResult:
    """What became of one job.

    Attributes:
        photo: the input file.
        output: the output file. It exists only if there was no error.
        size: (height, width) of the photo in pixels; (0, 0) after an error.
        coverage: mean alpha: the fraction of the photo that the person covers.
        milliseconds: time from reading the photo to writing the output.
        error: why there is no output, or None.
        notes: what the user should know of how the photo was read.
    """

    photo: Location
    output: Location
    size: tuple[int, int] = (0, 0)
    coverage: float = 0.0
    milliseconds: float = 0.0
    error: Exception | None = None
    notes: tuple[str, ...] = ()


class PhotoProcessor:
    """Turns photos into cut-outs, composites, mattes or visualizations.

    Args:
        settings: what to make.
        background: of the settings, if it is open already.

    Raises:
        InputError, MissingFileError, MissingExtraError: the model or the background cannot be
            loaded.
    """

    def __init__(self, settings: MatteSettings, background: Background | None = None):
        self.settings = settings
        self.background = background or settings.open_background()
        self.predictor = _open_predictor(settings)
        self._behind = _file_of(settings.background)
        self._converted: tuple[ColourProfile, Background] | None = None

    def run(self, job: MatteJob) -> MatteResult:
        """Read a photo, process it and write the output. A photo that fails is in the result.

        Raises:
            NoFurtherOutputsError: they are wanted, and the model's file gives alpha alone.
        """
        start = time.perf_counter()
        try:
            if job.refusal:
                raise InputError(job.refusal)
            if isinstance(job.output, Path) and job.output != STANDARD_STREAM:
                check_file(job.output, self._behind)
            photo = _read(job.photo)
            picture, coverage, further = self._render(photo)
            metadata = photo.metadata if self.settings.metadata else Metadata(photo.profile)
            for name, one in further.items():
                _write_image(further_path(job.output, name), one)
            self._write(job.output, picture, metadata)
        except NoFurtherOutputsError:
            raise  # no photo will give them
        except (ValueError, OSError, MissingExtraError) as error:
            return MatteResult(job.photo, job.output, error=error)
        except MemoryError:
            error = InputError(f"{job.photo} does not fit in memory. Close other programs.")
            return MatteResult(job.photo, job.output, error=error)
        milliseconds = 1000 * (time.perf_counter() - start)
        size = photo.pixels.shape[:2]
        return MatteResult(job.photo, job.output, size, coverage, milliseconds, notes=photo.notes)

    def render(self, image: np.ndarray | Photo) -> np.ndarray:
        """Process one image in memory.

        Args:
            image: uint8 sRGB [H, W, 3], or a `Photo`.

        Returns:
            uint8, in the photo's colour space: RGBA [H, W, 4] or RGB [H, W, 3] for "composite",
            [H, W] for "alpha" and "trimap", and [H, 3 W, 3] for "visualize".

        Raises:
            InputError, InputTypeError: not such an image.
        """
        return self._render(image if isinstance(image, Photo) else Photo(image))[0]

    def _render(self, photo: Photo) -> tuple[np.ndarray, float, dict[str, np.ndarray]]:
        """Return the picture, the coverage, and the pictures of further outputs if wanted."""
        settings, labels, further = self.settings, None, {}
        image = photo.over_white()
        if settings.show == "trimap":
            trimap = self.predictor.trimap(image, profile=photo.profile)
            return trimap, float(trimap.mean()) / 255, further
        if settings.show == "visualize" or settings.outputs:
            prediction = self.predictor.predict(
                image, profile=photo.profile, further=settings.outputs
            )
            alpha, labels, further = prediction.alpha, prediction.labels, prediction.further
        else:
            alpha = self.predictor.alpha(image, profile=photo.profile)
        if settings.threshold is not None:
            alpha = (alpha >= settings.threshold).astype(np.float32)
        alpha = photo.keep_own_alpha(alpha)
        if settings.show == "visualize":
            picture = beside_photo(image, alpha, labels)
        elif settings.show == "alpha":
            picture = alpha_to_uint8(alpha)
        else:
            background = self._background_in(photo.profile)
            picture = background.compose(photo.pixels, alpha, settings.foreground)
        return picture, float(alpha.mean()), further

    def _background_in(self, profile: ColourProfile | None) -> Background:
        """The background in a photo's colours; photos of one camera share the last one made."""
        if profile is None:
            return self.background
        if self._converted is None or self._converted[0] is not profile:
            self._converted = (profile, self.background.in_space(profile))
        return self._converted[1]

    def _write(self, output: Location, picture: np.ndarray, metadata: Metadata) -> None:
        if output == STANDARD_STREAM:
            naming = self.settings.naming(self.background)
            sys.stdout.buffer.write(encode_image(naming.name("stdout"), picture, metadata))
            sys.stdout.buffer.flush()
        else:
            _write_image(output, picture, metadata)


def _file_of(background: BackgroundLike) -> Path | None:
    """The picture that is put behind people; None for colours, blurs and arrays."""
    named = isinstance(background, str | Path) and Path(background).is_file()
    return Path(background) if named else None  # type: ignore[arg-type]


def _read(path: Location) -> Photo:
    if isinstance(path, RemotePath):
        return decode_photo(path.read_bytes(), str(path))
    if path == STANDARD_STREAM:
        return decode_photo(sys.stdin.buffer.read(), "standard input")
    return read_photo(path)


def _write_image(path: Location, picture: np.ndarray, metadata: Metadata | None = None) -> None:
    if isinstance(path, RemotePath):
        path.write_bytes(encode_image(path.name, picture, metadata))
    else:
        write_image(path, picture, metadata)


def _open_predictor(settings: MatteSettings) -> Predictor:
    model, refine = settings.model, settings.refine
    if not isinstance(model, Predictor):
        given = {name: getattr(settings, name) for name in ("threads", "delegate", "mirrored")}
        return load(model, refine=refine, **given)
    if model.refine and not refine:
        return Predictor(model.runtime, refine=False, widest=model.widest)
    return model
