"""Processes photos one at a time with a model and a background that are loaded once."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmatting.imaging.background import Background
from tfmatting.imaging.io import alpha_to_uint8, read_image, write_image
from tfmatting.imaging.visualization import beside_photo
from tfmatting.inference.loading import load
from tfmatting.inference.predictor import Predictor
from tfmatting.photos.jobs import MatteJob
from tfmatting.photos.settings import MatteSettings, ModelLike


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
    """

    photo: Path
    output: Path
    size: tuple[int, int] = (0, 0)
    coverage: float = 0.0
    milliseconds: float = 0.0
    error: Exception | None = None


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
        self.predictor = _open_predictor(settings.model, settings.refine, settings.threads)

    def run(self, job: MatteJob) -> MatteResult:
        """Read a photo, process it and write the output. A photo that fails is in the result."""
        start = time.perf_counter()
        try:
            image = read_image(job.photo)
            picture, coverage = self._render(image)
            write_image(job.output, picture)
        except (ValueError, OSError) as error:
            return MatteResult(job.photo, job.output, error=error)
        milliseconds = 1000 * (time.perf_counter() - start)
        return MatteResult(job.photo, job.output, image.shape[:2], coverage, milliseconds)

    def render(self, image: np.ndarray) -> np.ndarray:
        """Process one image in memory.

        Args:
            image: uint8 RGB [H, W, 3].

        Returns:
            uint8: RGBA [H, W, 4] or RGB [H, W, 3] for "composite", [H, W] for "alpha", and
            [H, 3 W, 3] for "visualize".

        Raises:
            InputError, InputTypeError: not such an image.
        """
        return self._render(image)[0]

    def _render(self, image: np.ndarray) -> tuple[np.ndarray, float]:
        """Return the picture and the coverage."""
        settings, labels = self.settings, None
        if settings.show == "visualize":
            prediction = self.predictor.predict(image)
            alpha, labels = prediction.alpha, prediction.labels
        else:
            alpha = self.predictor.alpha(image)
        if settings.threshold is not None:
            alpha = (alpha >= settings.threshold).astype(np.float32)
        if settings.show == "visualize":
            picture = beside_photo(image, alpha, labels)
        elif settings.show == "alpha":
            picture = alpha_to_uint8(alpha)
        else:
            picture = self.background.compose(image, alpha, settings.foreground)
        return picture, float(alpha.mean())


def _open_predictor(model: ModelLike, refine: bool, threads: int | None) -> Predictor:
    if not isinstance(model, Predictor):
        return load(model, refine=refine, threads=threads)
    if model.refine and not refine:
        return Predictor(model.runtime, refine=False)
    return model
