"""How freed memory is kept for the next picture."""

from __future__ import annotations

import ctypes

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""glibc's names for what `mallopt` sets, from malloc.h."""
LARGEST_KEPT = 32 * 2**20
"""The most that glibc takes for MMAP_THRESHOLD: a frame of 1080 lines in float32 fits."""


def keep_freed_memory() -> bool:
    """Have the C library keep freed arrays instead of handing them back to the system each time.

    Work on pictures allocates and frees the same few megabytes for every one. glibc maps such
    arrays anew each time, and the kernel fills them with zeros page by page: a third of a video's
    processor time.

    Returns:
        Whether the C library is one that can be told; it does no harm elsewhere.
    """
    try:
        library = ctypes.CDLL(None)
        kept = library.mallopt(MMAP_THRESHOLD, LARGEST_KEPT)
        return bool(kept and library.mallopt(TRIM_THRESHOLD, 2**31 - 1))
    except (AttributeError, OSError, TypeError):  # not glibc, or Windows
        return False
