"""OpenCV's own log, silenced only where this package raises an error instead."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import cv2

_lock = threading.Lock()
_users = 0
_level_before = 0


@contextlib.contextmanager
def quiet_opencv() -> Iterator[None]:
    """Silence OpenCV's log inside the block, then restore the level that was set before.

    The level belongs to the whole process, and blocks may overlap in several threads. The first
    block to start saves the level, and the last one to end restores it.
    """
    global _users, _level_before
    with _lock:
        if _users == 0:
            _level_before = cv2.utils.logging.getLogLevel()
            cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                cv2.utils.logging.setLogLevel(_level_before)
