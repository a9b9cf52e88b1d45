"""What processes that tests start have for an environment."""

from __future__ import annotations

import os


def unmeasured(**changes: str) -> dict[str, str]:
    """This environment without the measurement of coverage, which imports, writes and costs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    return kept | changes
