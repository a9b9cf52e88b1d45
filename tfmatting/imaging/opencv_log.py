"""OpenCV's own log, silenced only where this package raises an error instead."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import cv2

SILENT = 0
"""OpenCV's LOG_LEVEL_SILENT."""
# OpenCV 4 has the two calls at the top, OpenCV 5 in a module
log = cv2 if hasattr(cv2, "setLogLevel") else cv2.utils.logging
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
            _level_before = log.getLogLevel()
            log.setLogLevel(SILENT)
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                log.setLogLevel(_level_before)
