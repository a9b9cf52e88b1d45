"""A table with the newest row of each file that was worked on; as CSV or Parquet."""

from __future__ import annotations

import contextlib
import csv
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tfmatting.errors import InputError, MissingExtraError
from tfmatting.file_lock import open_alone, remove
from tfmatting.files import atomic_path

SUFFIXES = (".csv", ".parquet")
READ_AS = "utf-8-sig"
"""UTF-8; spreadsheets put a mark before it."""
Columns = Mapping[str, type]
BATCH = 10_000
"""Rows that are read and written at a time."""


class RowFile:
    """Keeps the newest row of each key while a run goes on; a context manager.

    Rows go to a journal beside the file as they come, so that a run that is killed loses none.
    At the end the file is written anew: its earlier rows, then the new ones in place of those of
    the same key. Memory does not grow with the number of rows.

    Args:
        path: `.csv` or `.parquet`.
        columns: name -> str, int or float; the first one is the key.

    Raises:
        InputError: another suffix, a file that is no such table, or one that another run keeps.
        OSError: at the end, rows that cannot be put together; they stay in the journal.
        MissingExtraError: `.parquet` without pyarrow.
    """

    def __init__(self, path: str | Path, columns: Columns):
        self.path, self.columns = Path(path), columns
        if self.path.suffix.lower() not in SUFFIXES:
            raise InputError(f"A manifest ends in {' or '.join(SUFFIXES)}. Received: {path}.")
        if self.path.suffix.lower() == ".parquet":
            parquet_module()
        self._journal = _journal_of(self.path)
        _check_columns(self.path, columns)
        for _ in read_rows(self.path, columns):  # a damaged row is found before the work
            pass
        self._file: Any = None

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        cut = self._journal.exists() and not _ends_in_newline(self._journal)
        self._file = open_alone(self._journal)
        if self._file is None:
            raise InputError(
                f"One run at a time keeps a manifest. Received: {self.path}, which another keeps. "
                "Wait for it, or name another."
            )
        if cut:  # the run was killed while it wrote a row
            self._file.write("\n")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._write_table()
            remove(self._file, self._journal)  # it was this run's until now
        except sqlite3.Error as failure:
            raise OSError(
                f"The rows of {self.path} cannot be put together ({failure}). They are kept in "
                f"{self._journal}: make room on the disk, and run it again."
            ) from failure
        finally:
            self._file.close()

    def _write_table(self) -> None:
        with (
            tempfile.TemporaryDirectory() as folder,
            closing(sqlite3.connect(Path(folder, "rows"))) as rows,
        ):
            self._merge(rows)
            order = rows.execute("SELECT * FROM rows ORDER BY rowid")
            with atomic_path(self.path) as temporary:
                _write(temporary, order, self.columns, self.path.suffix.lower())

    def write(self, row: Mapping[str, Any]) -> None:
        """Append a row; it holds every column."""
        values = [
            _text(row[name]) if kind is str else row[name] for name, kind in self.columns.items()
        ]
        csv.writer(self._file, lineterminator="\n").writerow(values)
        self._file.flush()

    def _merge(self, rows: sqlite3.Connection) -> None:
        key, *others = self.columns
        rows.execute("PRAGMA synchronous=OFF")
        rows.execute(f"CREATE TABLE rows ({key} PRIMARY KEY, {', '.join(others)})")
        newest = ", ".join(f"{name}=excluded.{name}" for name in others)
        insert = (
            f"INSERT INTO rows VALUES ({', '.join('?' * len(self.columns))}) "
            f"ON CONFLICT({key}) DO UPDATE SET {newest}"
        )
        for found in (read_rows(self.path, self.columns), self._new_rows()):
            rows.executemany(insert, (tuple(row.values()) for row in found))

    def _new_rows(self) -> Iterator[dict[str, Any]]:
        return _rows_of(self._journal, self.columns, list(self.columns))


def read_rows(path: str | Path, columns: Columns) -> Iterator[dict[str, Any]]:
    """Read a table's rows, typed as its columns are; none where there is no file.

    Raises:
        InputError: a damaged table.
        MissingExtraError: `.parquet` without pyarrow.
    """
    path = Path(path)
    if not path.exists():
        return
    with told_of(path):
        if path.suffix.lower() == ".parquet":
            with parquet_module().ParquetFile(path) as file:
                for batch in file.iter_batches(BATCH, columns=list(columns)):
                    yield from batch.to_pylist()
            return
        yield from _rows_of(path, columns)


@contextlib.contextmanager
def told_of(path: Path) -> Iterator[None]:
    """Turn what readers of tables stumble on into one error.

    Raises:
        InputError: a damaged table.
    """
    try:
        yield
    except (InputError, MissingExtraError):
        raise
    # csv's error has no base class; pyarrow's have the built-in ones
    except (csv.Error, ValueError, TypeError, OSError, RuntimeError) as error:
        what = (str(error).strip() or type(error).__name__).splitlines()[0][:160]
        raise InputError(
            f"The table {path} is damaged ({what}). Mend it, or name another."
        ) from error


def known_keys(path: str | Path, columns: Columns) -> Callable[[str], bool] | None:
    """Tell which keys an earlier run left rows of, in memory that does not grow with them.

    Returns:
        Whether a key has a row; None where no run kept this table.
    """
    path, journal = Path(path), _journal_of(Path(path))
    if not path.exists() and not journal.exists():
        return None
    _check_columns(path, columns)
    key = next(iter(columns))
    keys = sqlite3.connect("")  # a temporary file, once it is large
    keys.execute("CREATE TABLE keys (key PRIMARY KEY) WITHOUT ROWID")
    found = [read_rows(path, columns)]
    if journal.exists():
        found.append(_rows_of(journal, columns, list(columns)))
    with told_of(path):
        for rows in found:
            keys.executemany("INSERT OR IGNORE INTO keys VALUES (?)", ((row[key],) for row in rows))

    def known(one: str) -> bool:
        found = keys.execute("SELECT 1 FROM keys WHERE key=?", (_text(one),))
        return found.fetchone() is not None

    return known


def _text(value: object) -> str:
    """A cell; bytes of a file name that are no UTF-8 become escapes: `\\udcff`."""
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")


def _journal_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.journal")


def _ends_in_newline(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            return True
        file.seek(-1, 2)
        return file.read() == b"\n"


def _check_columns(path: Path, columns: Columns) -> None:
    if not path.exists():
        return
    with told_of(path):
        if path.suffix.lower() == ".parquet":
            names = parquet_module().read_schema(path).names
        else:
            with path.open(newline="", encoding=READ_AS) as file:
                names = next(csv.reader(file), [])
    if list(names) != list(columns):
        raise InputError(
            f"A manifest's columns are {', '.join(columns)}. Received: {path}, with "
            f"{', '.join(map(str, names)) or 'none'}. Give another name."
        )


def _rows_of(
    path: Path, columns: Columns, header: list[str] | None = None
) -> Iterator[dict[str, Any]]:
    """Typed rows of a CSV file; its last row may be cut off where the run was killed."""
    with path.open(newline="", encoding=READ_AS) as file:
        for row in csv.DictReader(file, header):
            if all(row.get(name) is not None for name in columns):
                yield {name: kind(row[name]) for name, kind in columns.items()}


def _write(path: Path, rows: Iterator[tuple], columns: Columns, suffix: str) -> None:
    if suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)
        return
    import pyarrow

    kinds = {str: pyarrow.string(), int: pyarrow.int32(), float: pyarrow.float64()}
    schema = pyarrow.schema([(name, kinds[kind]) for name, kind in columns.items()])
    with parquet_module().ParquetWriter(path, schema) as writer:
        while batch := list(islice(rows, BATCH)):
            arrays = dict(zip(columns, map(list, zip(*batch, strict=True)), strict=True))
            writer.write_table(pyarrow.table(arrays, schema))


def parquet_module() -> Any:
    """`pyarrow.parquet`.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError(
            "A Parquet table needs pyarrow. Run `pip install 'tfmatting[parquet]'`, or end its "
            "name in .csv."
        ) from error
    return parquet
