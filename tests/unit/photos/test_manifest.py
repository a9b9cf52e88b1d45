"""The table of photos: the newest row of each, whatever ended the run."""

import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from tfmatting.errors import InputError
from tfmatting.photos.manifest import COLUMNS, Manifest, photos_with_rows, read_manifest
from tfmatting.photos.photo_table import PhotoTable
from tfmatting.photos.processor import MatteResult

GOOD = MatteResult(Path("a, b.jpg"), Path("out/a.png"), (480, 640), 0.25, 12.5)
BAD = MatteResult(Path("c.jpg"), Path("out/c.png"), error=ValueError('it is "damaged"\ntwice'))


@pytest.fixture(params=["library.csv", "library.parquet"])
def path(request, tmp_path):
    if request.param.endswith(".parquet"):
        pytest.importorskip("pyarrow")
    return tmp_path / "tables" / request.param


def test_rows_are_typed_and_the_newest_of_a_photo_stays(path):
    with Manifest(path) as table:
        table.add(GOOD)
        table.add(BAD)
    with Manifest(path) as table:
        table.add(replace(BAD, error=None, size=(3, 4)))
    first, second = read_manifest(path)
    assert list(first) == list(COLUMNS)
    assert (first["photo"], first["height"], first["width"]) == ("a, b.jpg", 480, 640)
    assert (first["coverage"], first["milliseconds"], first["error"]) == (0.25, 12.5, "")
    assert (second["photo"], second["error"], second["width"]) == ("c.jpg", "", 4)
    assert list(path.parent.iterdir()) == [path]


def test_a_run_that_was_killed_loses_no_row(path):
    killed = Manifest(path)
    killed.__enter__()
    killed.add(GOOD)
    killed.add(BAD)
    killed._file.close()
    journal = path.with_name(f"{path.name}.journal")
    journal.write_bytes(journal.read_bytes() + b"half a r")
    with Manifest(path) as table:
        table.add(replace(GOOD, photo=Path("d.jpg")))
    assert [row["photo"] for row in read_manifest(path)] == ["a, b.jpg", "c.jpg", "d.jpg"]
    assert read_manifest(path)[1]["error"] == 'it is "damaged"\ntwice'


def test_a_name_that_is_no_utf_8_has_a_row_like_others(path):
    photo = Path(os.fsdecode(b"lat\xff.jpg"))
    with Manifest(path) as table:
        table.add(replace(GOOD, photo=photo))
    assert [row["photo"] for row in read_manifest(path)] == ["lat\\udcff.jpg"]
    known = photos_with_rows(path)
    assert known(photo) and not known(Path("lat.jpg"))


def test_other_files_are_refused_before_the_work(tmp_path):
    with pytest.raises(InputError, match=r"ends in .csv or .parquet. Received: table.txt"):
        Manifest("table.txt")
    (tmp_path / "mine.csv").write_text("name,age\n")
    with pytest.raises(InputError, match="with name, age"):
        Manifest(tmp_path / "mine.csv")


def test_one_run_at_a_time_keeps_a_table(path):
    with Manifest(path) as table:
        table.add(GOOD)
        with pytest.raises(InputError, match="another keeps. Wait for it, or name another"):
            Manifest(path).__enter__()
        table.add(BAD)
    assert len(read_manifest(path)) == 2
    with Manifest(path) as table:  # which is free again
        table.add(replace(GOOD, photo=Path("d.jpg")))
    assert len(read_manifest(path)) == 3


def test_rows_that_cannot_be_put_together_stay_in_the_journal(path, monkeypatch):
    def full(self, rows):
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr(Manifest, "_merge", full)
        with pytest.raises(OSError, match="kept in .*journal: make room"), Manifest(path) as table:
            table.add(GOOD)
    with Manifest(path):
        pass
    assert [row["photo"] for row in read_manifest(path)] == ["a, b.jpg"]


def test_a_spreadsheets_mark_before_the_names(tmp_path):
    path = tmp_path / "library.csv"
    with Manifest(path) as table:
        table.add(GOOD)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    with Manifest(path) as table:
        table.add(BAD)
    assert [row["photo"] for row in read_manifest(path)] == ["a, b.jpg", "c.jpg"]
    listed = tmp_path / "list.csv"
    listed.write_bytes(b"\xef\xbb\xbfphoto\r\nin/a.jpg\r\n")
    assert [str(photo) for photo, _ in PhotoTable(listed).found(str)] == ["in/a.jpg"]
