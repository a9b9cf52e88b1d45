"""Photos on many machines, with Ray Data."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Iterator
from itertools import islice
from typing import Any

from tfmatting.cluster_connection import connected
from tfmatting.errors import InputError, TfmattingError
from tfmatting.locations import location
from tfmatting.photos.folder import Progress
from tfmatting.photos.job_list import JobList
from tfmatting.photos.jobs import MatteJob
from tfmatting.photos.pool import StartMatting, lost
from tfmatting.photos.processor import MatteResult
from tfmatting.photos.settings import MatteSettings

CPUS = 0.9
"""Of a core for each process: processes that hold all cores starve Ray's own tasks."""
SMALLEST_BLOCK = 8
MOST_BLOCKS = 50_000
"""Photos are handed out in blocks; the smaller, the less a lost process costs, and the more there
are, the more memory Ray needs for them."""
TRIES = 2
COLUMNS = ("number", "photo", "output", "refusal")


def matte_on_cluster(
    settings: MatteSettings,
    jobs: JobList,
    address: str,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Generator[tuple[int, MatteResult]]:
    """Process photos on the nodes of a Ray cluster, in processes with one core each.

    A block of photos whose process or node is lost goes to another one. Of blocks that are lost
    again, each photo is tried by itself, and one that ends its process twice fails.

    Args:
        settings: what to make; names and paths are those of every node.
        jobs: the photos.
        address: "local", "auto" or `host:port`.
        workers: processes in all; one for each core of the cluster if omitted.
        progress: wraps the jobs, and is gone through as results come.

    Yields:
        A job's number and its result, as they are done.

    Raises:
        InputError, MissingFileError, MissingExtraError: the cluster, the model or the background
            cannot be had.
    """
    if workers is not None and workers < 1:
        raise InputError(f"`workers` is 1 or more. Received: {workers}.")
    with connected(address) as ray:
        _prepare(ray)
        _check(ray, settings)
        workers = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        blocks = [ray.put(table) for table in _tables(enumerate(jobs), _size(len(jobs), workers))]
        shown = iter(progress(jobs)) if progress else iter(())
        seen = bytearray(len(jobs))
        single = (ray.put(table) for table in _tables(_missing(ray, blocks, seen), 1))
        for tables in (blocks, single):
            for row in _rows(ray, list(tables), settings, workers):
                if not seen[row["number"]]:
                    seen[row["number"]] = 1
                    next(shown, None)
                    yield row["number"], _result(row)
        for number, job in _missing(ray, blocks, seen):
            next(shown, None)
            yield number, lost(job, "see the logs of Ray")


class Matting:
    """What a process of Ray Data does: load, then a block of photos at a time."""

    def __init__(self, settings: MatteSettings):
        self._run = StartMatting(settings)()

    def __call__(self, block: Any) -> Any:
        """Process a block, an Arrow table of jobs; return one of results."""
        import pyarrow

        rows = [_row(number, self._run(job)) for number, job in _jobs(block)]
        return pyarrow.Table.from_pylist(rows, _schema())


def _size(count: int, workers: int) -> int:
    """Photos a block: few, but each process gets several blocks, and Ray not too many."""
    most = max(SMALLEST_BLOCK, -(-count // MOST_BLOCKS))
    return max(1, min(most, count // (4 * workers)))


def _tables(jobs: Iterable[tuple[int, MatteJob]], size: int) -> Iterator[Any]:
    """Arrow tables of `size` jobs with their numbers."""
    import pyarrow

    kinds = (pyarrow.int64(), pyarrow.string(), pyarrow.string(), pyarrow.string())
    schema = pyarrow.schema(list(zip(COLUMNS, kinds, strict=True)))
    jobs = iter(jobs)
    while part := list(islice(jobs, size)):
        rows = [(number, str(job.photo), str(job.output), job.refusal) for number, job in part]
        columns = [list(column) for column in zip(*rows, strict=True)]
        yield pyarrow.table(columns, schema=schema)


def _jobs(table: Any) -> Iterator[tuple[int, MatteJob]]:
    for row in table.to_pylist():
        job = MatteJob(location(row["photo"]), location(row["output"]), row["refusal"])
        yield row["number"], job


def _missing(ray: Any, blocks: list[Any], seen: bytearray) -> Iterator[tuple[int, MatteJob]]:
    """The jobs of blocks that no result came of."""
    for block in blocks if 0 in seen else ():
        yield from (entry for entry in _jobs(ray.get(block)) if not seen[entry[0]])


def _rows(
    ray: Any, tables: list[Any], settings: MatteSettings, workers: int
) -> Iterator[dict[str, Any]]:
    """Have tables of jobs done; yield a row for each photo."""
    if not tables:
        return
    data = ray.data.from_arrow_refs(tables)
    done = data.map_batches(
        Matting,
        fn_constructor_args=(settings,),
        batch_size=None,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=workers),
        num_cpus=CPUS,
        max_task_retries=TRIES - 1,
    )
    for table in done.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
        yield from table.to_pylist()


def _row(number: int, result: MatteResult) -> dict[str, Any]:
    return {
        "number": number,
        "photo": str(result.photo),
        "output": str(result.output),
        "height": result.size[0],
        "width": result.size[1],
        "coverage": result.coverage,
        "milliseconds": result.milliseconds,
        "error": None if result.error is None else str(result.error),
        "notes": list(result.notes),
    }


def _schema() -> Any:
    import pyarrow as pa

    text, whole, real = pa.string(), pa.int64(), pa.float64()
    kinds = (whole, text, text, whole, whole, real, real, text, pa.list_(text))
    names = ("number", "photo", "output", "height", "width", "coverage", "milliseconds")
    return pa.schema(list(zip((*names, "error", "notes"), kinds, strict=True)))


def _result(row: dict[str, Any]) -> MatteResult:
    return MatteResult(
        location(row["photo"]),
        location(row["output"]),
        (row["height"], row["width"]),
        row["coverage"],
        row["milliseconds"],
        None if row["error"] is None else InputError(row["error"]),
        tuple(row["notes"]),
    )


def _prepare(ray: Any) -> None:
    """Let Ray Data say nothing, and go on after blocks that are lost."""
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.max_errored_blocks = -1  # their photos are tried again, one by one
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)


def _check(ray: Any, settings: MatteSettings) -> None:
    """Load the model once on the cluster, so that one that is missing is refused once."""

    def load() -> None:
        StartMatting(settings)()

    try:
        ray.get(ray.remote(load).options(num_cpus=CPUS, max_retries=TRIES).remote())
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, TfmattingError):
            raise error.cause from None
        raise
