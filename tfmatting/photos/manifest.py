"""A table of photos: what each became, the newest row of each."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tfmatting.locations import Location
from tfmatting.photos.processor import MatteResult
from tfmatting.row_file import RowFile, known_keys, read_rows

COLUMNS = {
    "photo": str,
    "output": str,
    "height": int,
    "width": int,
    "coverage": float,
    "milliseconds": float,
    "error": str,
    "time": str,
}
"""`height` and `width` in pixels, 0 after an error; `coverage` is the mean alpha; `time` is when
the photo was done, in UTC."""


class Manifest(RowFile):
    """A row for each photo, `.csv` or `.parquet`; see `RowFile`."""

    def __init__(self, path: str | Path):
        super().__init__(path, COLUMNS)

    def add(self, result: MatteResult) -> None:
        """Note what became of a photo."""
        self.write(row_of(result))


def photos_with_rows(path: str | Path | None) -> Callable[[Location], bool] | None:
    """Tell which photos a run left rows of; None where none kept this manifest."""
    known = known_keys(path, COLUMNS) if path else None
    return (lambda photo: known(str(photo))) if known else None


def row_of(result: MatteResult) -> dict[str, Any]:
    """What became of a photo, by the names of `COLUMNS`."""
    values = (
        *(str(result.photo), str(result.output), *result.size),
        *(f"{result.coverage:.6f}", f"{result.milliseconds:.1f}"),
        "" if result.error is None else str(result.error),
        datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )
    return dict(zip(COLUMNS, values, strict=True))


def read_manifest(path: str | Path) -> list[dict[str, Any]]:
    """Read a manifest's rows, typed as in `COLUMNS`; none where there is no file.

    Raises:
        InputError: a damaged table.
        MissingExtraError: `.parquet` without pyarrow.
    """
    return list(read_rows(path, COLUMNS))
