"""Ctrl-C and SIGTERM end every command: cleanly, or after a few seconds in any case."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import NoReturn

from tfmatting.files import remove_unfinished

GRACE_SECONDS = 6.0
"""How long a command may take to end by itself."""


@contextlib.contextmanager
def ends_when_interrupted(end: Callable[[], None]) -> Iterator[None]:
    """Raise KeyboardInterrupt in the block on Ctrl-C or SIGTERM, and call `end` if it goes on.

    The first signal leaves the block `GRACE_SECONDS`. A native call that does not return, such as
    the first step of a large network, keeps Python from handling signals; a thread of its own
    therefore learns of them through a socket. A second signal calls `end` at once.

    Args:
        end: ends the process. Called on the thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may handle signals
        return
    before = signal.getsignal(signal.SIGTERM)
    if before is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    incoming, outgoing = socket.socketpair()  # Windows takes no pipe that does not block
    outgoing.setblocking(False)
    wakeup = signal.set_wakeup_fd(outgoing.fileno(), warn_on_full_buffer=False)
    ended = threading.Event()

    def end_if_it_goes_on() -> None:
        if not ended.wait(GRACE_SECONDS):
            end()

    def watch() -> None:
        seen = 0
        while number := incoming.recv(1)[0]:
            if number not in (signal.SIGINT, signal.SIGTERM):
                continue
            seen += 1
            if seen > 1:
                end()
            threading.Thread(target=end_if_it_goes_on, daemon=True).start()
        incoming.close()

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        ended.set()
        signal.set_wakeup_fd(wakeup)
        outgoing.send(b"\0")  # ends the thread
        outgoing.close()
        if before is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, before)


def end(code: int) -> NoReturn:
    """End the process without waiting for its threads.

    Native threads that still run when the interpreter ends may abort it. Nothing is lost: what is
    finished has its name, and what is not is removed.
    """
    if multiprocessing := sys.modules.get("multiprocessing"):
        for process in multiprocessing.active_children():
            process.terminate()
    remove_unfinished()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
