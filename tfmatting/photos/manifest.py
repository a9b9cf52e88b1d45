"""A table of photos: what each became, the newest row of each; as CSV or Parquet."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from tfmatting.errors import InputError, MissingExtraError
from tfmatting.files import atomic_path
from tfmatting.photos.processor import MatteResult

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
SUFFIXES = (".csv", ".parquet")


class Manifest:
    """Keeps a row for each photo while a run goes on; a context manager.

    Rows go to a journal beside the file as they come, so that a run that is killed loses none.
    At the end the file is written anew: its earlier rows, then the new ones in place of those of
    the same photo.

    Args:
        path: `.csv` or `.parquet`.

    Raises:
        InputError: another suffix, or a file that is no such table.
        MissingExtraError: `.parquet` without pyarrow.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        if self.path.suffix.lower() not in SUFFIXES:
            raise InputError(f"A manifest ends in {' or '.join(SUFFIXES)}. Received: {path}.")
        if self.path.suffix.lower() == ".parquet":
            _arrow()
        self._journal = self.path.with_name(f"{self.path.name}.journal")
        _check_columns(self.path)
        self._file: Any = None

    def __enter__(self) -> Manifest:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        cut = self._journal.exists() and not self._journal.read_bytes().endswith(b"\n")
        self._file = self._journal.open("a", newline="", encoding="utf-8")
        if cut:  # the run was killed while it wrote a row
            self._file.write("\n")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()
        rows = {row["photo"]: row for row in read_manifest(self.path)}
        rows |= {row["photo"]: row for row in _rows_of(self._journal, list(COLUMNS))}
        with atomic_path(self.path) as temporary:
            _write(temporary, list(rows.values()), self.path.suffix.lower())
        self._journal.unlink()

    def add(self, result: MatteResult) -> None:
        """Note what became of a photo."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        row = (
            *(str(result.photo), str(result.output), *result.size),
            *(f"{result.coverage:.6f}", f"{result.milliseconds:.1f}"),
            *("" if result.error is None else str(result.error), now),
        )
        csv.writer(self._file, lineterminator="\n").writerow(row)
        self._file.flush()


def read_manifest(path: str | Path) -> list[dict[str, Any]]:
    """Read a manifest's rows, typed as in `COLUMNS`; none where there is no file."""
    path = Path(path)
    if not path.exists():
        return []
    if path.suffix.lower() == ".parquet":
        return _arrow().read_table(path).to_pylist()
    return list(_rows_of(path))


def _check_columns(path: Path) -> None:
    if not path.exists():
        return
    if path.suffix.lower() == ".parquet":
        names = _arrow().read_schema(path).names
    else:
        with path.open(newline="", encoding="utf-8") as file:
            names = next(csv.reader(file), [])
    if list(names) != list(COLUMNS):
        raise InputError(
            f"A manifest's columns are {', '.join(COLUMNS)}. Received: {path}, with "
            f"{', '.join(map(str, names)) or 'none'}. Give another name."
        )


def _rows_of(path: Path, columns: list[str] | None = None) -> Iterator[dict[str, Any]]:
    """Typed rows of a CSV file; its last row may be cut off where the run was killed."""
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, columns):
            if all(row.get(name) is not None for name in COLUMNS):
                yield {name: kind(row[name]) for name, kind in COLUMNS.items()}


def _write(path: Path, rows: list[dict[str, Any]], suffix: str) -> None:
    if suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(COLUMNS), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        return
    import pyarrow

    kinds = {str: pyarrow.string(), int: pyarrow.int32(), float: pyarrow.float64()}
    schema = pyarrow.schema([(name, kinds[kind]) for name, kind in COLUMNS.items()])
    _arrow().write_table(pyarrow.Table.from_pylist(rows, schema), path)


def _arrow() -> Any:
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError(
            "A Parquet manifest needs pyarrow. Run `pip install tfmatting[parquet]`, or end its "
            "name in .csv."
        ) from error
    return parquet
