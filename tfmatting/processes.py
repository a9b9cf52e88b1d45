"""Work in several processes; a process that dies costs what it worked on one retry."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from tfmatting.errors import InputError, TfmattingError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Item = TypeVar("Item")
Result = TypeVar("Result")
Entry = tuple[int, Any]


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


def end_with_parent() -> None:
    """End this process, a worker of `multiprocessing`, when the one that started it has ended.

    A pool's worker waits for work on a queue that other workers keep open. If the parent is killed
    it would wait for ever.
    """
    import multiprocessing

    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def run_in_processes(
    start: Callable[[], Callable[[Item], Result]],
    items: Iterable[Item],
    workers: int,
    fail: Callable[[Item, str], Result],
) -> Iterator[tuple[int, Result]]:
    """Do something with many items in worker processes.

    A process takes an item at a time, and `items` is read as they are taken. Processes start
    afresh and import the main module anew: a script needs its `if __name__ == "__main__":`.

    Args:
        start: called once in each process; returns what is done with an item. Can be pickled, as
            items and results can.
        items: what is to be done.
        workers: how many processes.
        fail: makes the result of an item whose process died twice (for want of memory); it is
            given the item and what ended the process.

    Yields:
        An item's number and its result, as they are done.

    Raises:
        InputError: the processes die before their first item.
        TfmattingError: `start` or the work raised it.
    """
    import multiprocessing
    from multiprocessing.connection import wait

    context = multiprocessing.get_context("spawn")
    waiting, again = enumerate(items), list[Entry]()
    tried: set[int] = set()
    ended_early = 0
    running = [_start(context, start) for _ in range(workers)]
    try:
        while running:
            ready = wait([worker.connection for worker in running])
            for worker in [one for one in running if one.connection in ready]:
                try:
                    message = worker.connection.recv()
                except (EOFError, OSError):
                    running.remove(worker)
                    if worker.entry is None:
                        ended_early += 1
                        if ended_early > workers:
                            raise InputError(_why_none_starts(worker)) from None
                    elif worker.entry[0] not in tried:
                        tried.add(worker.entry[0])
                        again.append(worker.entry)
                    else:
                        number, item = worker.entry
                        yield number, fail(item, _end_of(worker))
                    running.append(_start(context, start))
                    continue
                if isinstance(message, Exception):
                    raise message
                if worker.entry is not None:
                    ended_early = 0
                    yield worker.entry[0], message
                worker.entry = again.pop() if again else next(waiting, None)
                if _hand_over(worker):
                    continue
                running.remove(worker)
                worker.process.join()
                if worker.entry is not None:  # it has ended since its last answer
                    again.append(worker.entry)
                    running.append(_start(context, start))
    finally:
        for worker in running:
            worker.process.terminate()
            worker.process.join()


def _start(context: Any, start: Callable[[], Callable[[Any], Any]]) -> Worker:
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(start, theirs), daemon=True)
    process.start()
    theirs.close()  # ours then ends when the process does
    return Worker(process, ours)


def _hand_over(worker: Worker) -> bool:
    """Give a process its entry, or the sign that there is none; whether it works on."""
    try:
        worker.connection.send(worker.entry)
    except OSError:
        return False
    return worker.entry is not None


def _why_none_starts(worker: Worker) -> str:
    return f"Processes end before their first photo ({_end_of(worker)}). Use fewer workers."


def _end_of(worker: Worker) -> str:
    worker.process.join()
    code = worker.process.exitcode
    return f"signal {-code}" if code and code < 0 else f"exit code {code}"


def _work(start: Callable[[], Callable[[Any], Any]], connection: Connection) -> None:
    """What a process does: begin, then an item at a time until there is none."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its processes
    try:
        do = start()
    except Exception as error:  # raised again in the parent, which knows what to do with it
        connection.send(error)
        return
    connection.send(None)
    while (entry := connection.recv()) is not None:
        try:
            connection.send(do(entry[1]))
        except TfmattingError as error:
            connection.send(error)
            return
