"""A table that names photos, in place of a folder."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from tfmatting.errors import InputError
from tfmatting.imaging.photo_files.listing import Skipped
from tfmatting.locations import Location, location
from tfmatting.ordering import in_order
from tfmatting.row_file import BATCH, READ_AS, parquet_module, told_of

COLUMN = "photo"
SUFFIXES = (".parquet", ".csv")


@dataclass(frozen=True)
class PhotoTable:
    """A Parquet or CSV table with a column `photo` of paths or URLs, as a manifest has.

    Attributes:
        path: the table.
        below: outputs keep the tree of the photos below this folder; their common one if None.

    Raises:
        InputError: a damaged table, no such column, no row, or a photo that is not below the
            folder.
        MissingExtraError: Parquet without pyarrow.
    """

    path: Path
    below: str | None = None

    def found(self, order: Callable[[str], Any]) -> Iterator[tuple[Location, PurePath] | Skipped]:
        """Each photo with its folder below the common one, a folder at a time."""
        common = self.below.rstrip("/") if self.below else self._common_folder()

        def key(photo: str) -> tuple[str, Any]:
            folder, _, name = photo.rpartition("/")
            return folder, order(name)

        before = None
        for photo in in_order(self._photos(), key):
            folder = photo.rpartition("/")[0]
            if photo == before:
                yield Skipped(location(photo), "listed twice")
            elif folder == common or folder.startswith(f"{common}/"):
                yield location(photo), PurePosixPath(folder[len(common) :].lstrip("/"))
            else:
                raise InputError(
                    f"Photos of the list lie below {common or 'the same folder'}. Received: "
                    f"{photo}. Give a folder that holds all of them with --below, or whole paths."
                )
            before = photo

    def _common_folder(self) -> str:
        common: list[str] | None = None
        for photo in self._photos():
            parts = photo.split("/")[:-1]
            if common is None:
                common = parts
            elif parts[: len(common)] != common:
                shared = [a == b for a, b in zip(common, parts, strict=False)]
                common = common[: [*shared, False].index(False)]
        if common is None:
            raise InputError(f"No pictures in {self.path}.")
        return "/".join(common)

    def _photos(self) -> Iterator[str]:
        for photo in self._cells():
            if not photo:
                raise InputError(f"Each row of a list names a photo. Received: {self.path}.")
            yield photo

    def _cells(self) -> Iterator[str | None]:
        with told_of(self.path):
            if self.path.suffix.lower() == ".csv":
                with self.path.open(newline="", encoding=READ_AS) as file:
                    reader = csv.DictReader(file)
                    self._check(reader.fieldnames or ())
                    yield from (row[COLUMN] for row in reader)
                return
            with parquet_module().ParquetFile(self.path) as file:
                self._check(file.schema_arrow.names)
                for batch in file.iter_batches(BATCH, columns=[COLUMN]):
                    yield from batch.column(0).to_pylist()

    def _check(self, names: Any) -> None:
        if COLUMN not in names:
            raise InputError(
                f"A list of photos has a column {COLUMN!r}. Received: {self.path}, with "
                f"{', '.join(names) or 'none'}."
            )
