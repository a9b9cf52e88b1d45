"""Photos in several processes, one thread each; a process that dies costs its photo one retry."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from typing import Any

from tfmatting.errors import InputError
from tfmatting.inference.predictor import Predictor
from tfmatting.photos.jobs import STANDARD_STREAM, MatteJob
from tfmatting.photos.processor import MatteResult, PhotoProcessor
from tfmatting.photos.settings import MatteSettings

Entry = tuple[int, MatteJob]


@dataclass
class Worker:
    """A process, our end of its pipe, and what it works on."""

    process: Any
    connection: Connection
    entry: Entry | None = None


def cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def choose_workers(workers: int | None, settings: MatteSettings, jobs: list[MatteJob]) -> int:
    """How many processes to use.

    Args:
        workers: as asked for. None takes one for each core, where there are more photos than
            cores and nothing ties the work to this process.
        settings: of the work.
        jobs: the photos.

    Raises:
        InputError: several processes for a loaded `Predictor` or a standard stream, or none.
    """
    tied = isinstance(settings.model, Predictor) or any(
        STANDARD_STREAM in (job.photo, job.output) for job in jobs
    )
    if workers is None:
        return cores() if len(jobs) > cores() and not tied and settings.threads is None else 1
    if workers < 1:
        raise InputError(f"`workers` is 1 or more. Received: {workers}.")
    if workers > 1 and tied:
        raise InputError(
            "Several processes load the model and read the photos by themselves. Received: "
            f"workers={workers} with a loaded Predictor or a standard stream. Give a model's name "
            "or file, and files."
        )
    return workers


def run_in_processes(
    settings: MatteSettings, jobs: Iterable[MatteJob], workers: int
) -> Iterator[tuple[int, MatteResult]]:
    """Process photos in worker processes.

    A process takes a photo at a time, and `jobs` is read as they are taken. Processes start
    afresh and import the main module anew: a script needs its `if __name__ == "__main__":`.

    Args:
        settings: what to make; `model` is a name or a file.
        jobs: the photos.
        workers: how many processes.

    Yields:
        A job's number and its result, as they are done. A photo whose process dies twice (for
        want of memory) fails.

    Raises:
        InputError, MissingFileError, MissingExtraError: the model or the background cannot be
            loaded.
    """
    settings = replace(settings, threads=settings.threads or 1)
    context = multiprocessing.get_context("spawn")
    waiting, again = enumerate(jobs), list[Entry]()
    tried: set[int] = set()
    running = [_start(context, settings) for _ in range(workers)]
    try:
        while running:
            ready = wait([worker.connection for worker in running])
            for worker in [one for one in running if one.connection in ready]:
                try:
                    message = worker.connection.recv()
                except (EOFError, OSError):
                    running.remove(worker)
                    failed = _bury(worker, tried, again)
                    if failed:
                        yield failed
                    running.append(_start(context, settings))
                    continue
                if isinstance(message, Exception):
                    raise message
                if worker.entry is not None:
                    yield worker.entry[0], message
                worker.entry = again.pop() if again else next(waiting, None)
                worker.connection.send(worker.entry and worker.entry[1])
                if worker.entry is None:
                    running.remove(worker)
                    worker.process.join()
    finally:
        for worker in running:
            worker.process.terminate()
            worker.process.join()


def _start(context: Any, settings: MatteSettings) -> Worker:
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(settings, theirs), daemon=True)
    process.start()
    theirs.close()  # ours then ends when the process does
    return Worker(process, ours)


def _bury(worker: Worker, tried: set[int], again: list[Entry]) -> tuple[int, MatteResult] | None:
    """Put a dead process' photo back, or fail it the second time."""
    worker.process.join()
    code = worker.process.exitcode
    ended = f"signal {-code}" if code and code < 0 else f"exit code {code}"
    if worker.entry is None:
        raise InputError(f"A process ended before its first photo ({ended}). Use fewer workers.")
    number, job = worker.entry
    if number not in tried:
        tried.add(number)
        again.append(worker.entry)
        return None
    error = InputError(f"The process that worked on {job.photo} was ended twice ({ended}).")
    return number, MatteResult(job.photo, job.output, error=error)


def _work(settings: MatteSettings, connection: Connection) -> None:
    """What a process does: load, then a photo at a time until there is none."""
    import cv2

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its processes
    cv2.setNumThreads(1)
    try:
        processor = PhotoProcessor(settings)
    except Exception as error:  # raised again in the parent, which knows what to do with it
        connection.send(error)
        return
    connection.send(None)
    while (job := connection.recv()) is not None:
        connection.send(_portable(processor.run(job)))


def _portable(result: MatteResult) -> MatteResult:
    """A result that can be sent: errors of other packages may not be."""
    try:
        pickle.loads(pickle.dumps(result.error))
    except Exception:
        return replace(result, error=InputError(f"{type(result.error).__name__}: {result.error}"))
    return result
