"""Photos in several processes, one thread each."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from tfmatting.errors import InputError
from tfmatting.inference.predictor import Predictor
from tfmatting.photos.jobs import STANDARD_STREAM, MatteJob
from tfmatting.photos.processor import MatteResult, PhotoProcessor
from tfmatting.photos.settings import MatteSettings
from tfmatting.processes import cores, run_in_processes


def choose_workers(workers: int | None, settings: MatteSettings, jobs: Collection[MatteJob]) -> int:
    """How many processes to use.

    Args:
        workers: as asked for. None takes one for each core, where there are more photos than
            cores, the model is no loaded one and `threads` and `delegate` are left alone.
        settings: of the work.
        jobs: the photos.

    Raises:
        InputError: several processes for a loaded `Predictor` or a standard stream, or none.
    """
    tied = isinstance(settings.model, Predictor) or any(
        STANDARD_STREAM in (job.photo, job.output) for job in islice(jobs, cores() + 1)
    )
    if workers is None:
        alone = tied or settings.threads is not None or settings.delegate is not None
        return cores() if len(jobs) > cores() and not alone else 1
    if workers < 1:
        raise InputError(f"`workers` is 1 or more. Received: {workers}.")
    if workers > 1 and tied:
        raise InputError(
            "Several processes load the model and read the photos by themselves. Received: "
            f"workers={workers} with a loaded Predictor or a standard stream. Give a model's name "
            "or file, and files."
        )
    return workers


def matte_in_processes(
    settings: MatteSettings, jobs: Iterable[MatteJob], workers: int
) -> Iterator[tuple[int, MatteResult]]:
    """Process photos in worker processes; see `run_in_processes`.

    Args:
        settings: what to make; `model` is a name or a file.
        jobs: the photos.
        workers: how many processes.

    Yields:
        A job's number and its result, as they are done.

    Raises:
        InputError, MissingFileError, MissingExtraError: the model or the background cannot be
            loaded.
    """
    return run_in_processes(StartMatting(settings), jobs, workers, lost)


def lost(job: MatteJob, end: str) -> MatteResult:
    """The result of a photo that ended its process twice."""
    error = InputError(f"The process that worked on {job.photo} ended twice ({end}).")
    return MatteResult(job.photo, job.output, error=error)


@dataclass(frozen=True)
class StartMatting:
    """Loads the model in a process that has one core."""

    settings: MatteSettings

    def __call__(self) -> Callable[[MatteJob], MatteResult]:
        import cv2

        cv2.setNumThreads(1)
        processor = PhotoProcessor(replace(self.settings, threads=self.settings.threads or 1))
        return lambda job: _portable(processor.run(job))


def _portable(result: MatteResult) -> MatteResult:
    """A result that can be sent: errors of other packages may not be."""
    try:
        pickle.loads(pickle.dumps(result.error))
    except Exception:
        return replace(result, error=InputError(f"{type(result.error).__name__}: {result.error}"))
    return result
