"""`tfmatting library` on one machine: folders, lists and buckets, and runs that were stopped."""

import numpy as np
import pytest

from tfmatting.errors import InputError, MissingFileError
from tfmatting.imaging.io import write_image
from tfmatting.locations import RemotePath
from tfmatting.photos.folder import matte_folder
from tfmatting.photos.library import matte_library
from tfmatting.photos.manifest import Manifest, read_manifest
from tfmatting.photos.processor import MatteResult
from tfmatting.photos.settings import MatteSettings

NAMES = ("a.png", "b.png", "deep/c.png")


@pytest.fixture
def photos(tmp_path):
    generator = np.random.default_rng(0)
    for name in NAMES:
        pixels = generator.integers(0, 256, (60, 50, 3), np.uint8)
        write_image(tmp_path / "in" / name, pixels)
    (tmp_path / "in" / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    (tmp_path / "in" / "notes.txt").write_text("text")
    return tmp_path / "in"


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_files_are_those_of_matte_and_a_second_call_does_the_rest(tmp_path, photos, predictor):
    matte_folder(photos, tmp_path / "one", model=predictor, recursive=True)
    settings, out = MatteSettings(predictor), tmp_path / "two"
    report = matte_library(photos, out, settings=settings, manifest=tmp_path / "m.csv")
    assert (report.total, report.failed) == (4, 1)
    assert files(out) == files(tmp_path / "one")
    (out / "b.png").unlink()
    again = matte_library(photos, out, settings=settings, manifest=tmp_path / "m.csv")
    assert [one.photo.name for one in again.results] == ["b.png", "broken.jpg"]
    assert files(out) == files(tmp_path / "one")
    rows = read_manifest(tmp_path / "m.csv")
    assert sorted(row["photo"] for row in rows) == sorted(
        str(photos / name) for name in (*NAMES, "broken.jpg")
    )
    report = matte_library(photos, out, settings=settings, overwrite=True)
    assert report.total == 4


def test_a_photo_with_an_output_and_no_row_is_done_again(tmp_path, photos, predictor):
    settings, out, table = MatteSettings(predictor), tmp_path / "o", tmp_path / "m.csv"
    matte_library(photos, out, settings=settings)
    with Manifest(table) as earlier:  # the run was stopped before the rows of the others came
        earlier.add(MatteResult(photos / "a.png", out / "a.png", (60, 50), 0.5))
    report = matte_library(photos, out, settings=settings, manifest=table)
    assert [one.photo.name for one in report.results] == ["b.png", "broken.jpg", "c.png"]
    report = matte_library(photos, out, settings=settings, manifest=table)
    assert [one.photo.name for one in report.results] == ["broken.jpg"]
    assert len(read_manifest(table)) == 4


def test_from_a_bucket_to_a_bucket(tmp_path, photos, predictor):
    pytest.importorskip("fsspec", reason="the extra `cluster` is not installed")
    matte_folder(photos, tmp_path / "one", model=predictor, recursive=True)
    store = RemotePath("memory://library")
    for name, data in files(photos).items():
        (store / "in" / name).write_bytes(data)
    for expected in ((4, 1), (1, 1)):
        report = matte_library(
            "memory://library/in", "memory://library/out", settings=MatteSettings(predictor)
        )
        assert (report.total, report.failed) == expected
    for name, data in files(tmp_path / "one").items():
        assert (store / "out" / name).read_bytes() == data
    assert "truncated" in str(report.failures[0].error)
    assert report.left_out.counts["not a picture by its name"] == 1
    matte_library(photos, "memory://library/up", settings=MatteSettings(predictor))
    assert (store / "up" / "deep" / "c.png").exists()
    matte_library("memory://library/in", tmp_path / "down", settings=MatteSettings(predictor))
    assert files(tmp_path / "down") == files(tmp_path / "one")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("latin.csv", "photo\ncafé.png\n".encode("latin-1"), "latin.csv is damaged"),
        ("empty.csv", b"photo,size\n,3\n", "Each row of a list names a photo"),
        ("other.csv", b"name\na.png\n", "has a column 'photo'"),
        ("broken.parquet", b"PAR1 and no more", "broken.parquet is damaged"),
    ],
)
def test_a_list_that_cannot_be_read_is_one_line(tmp_path, predictor, name, content, message):
    if name.endswith(".parquet"):
        pytest.importorskip("pyarrow")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        matte_library(tmp_path / name, tmp_path / "o", settings=MatteSettings(predictor))


def test_what_is_no_library_is_refused_before_the_work(tmp_path, photos, predictor):
    settings = MatteSettings(predictor)
    (tmp_path / "file").write_text("")
    with pytest.raises(MissingFileError, match="No table at"):
        matte_library(tmp_path / "missing.parquet", tmp_path / "o", settings=settings)
    with pytest.raises(MissingFileError, match="No folder"):
        matte_library(tmp_path / "missing", tmp_path / "o", settings=settings)
    for options, message in (
        ({"below": "x"}, "`below` is of a table"),
        ({"cluster": "local"}, "Received: a Predictor"),
        ({"workers": 2}, "loaded Predictor"),
        ({"shard": "3/2"}, "A shard is i/n"),
    ):
        with pytest.raises(InputError, match=message):
            matte_library(photos, tmp_path / "o", settings=settings, **options)
    with pytest.raises(InputError, match="output is a folder"):
        matte_library(photos, tmp_path / "file", settings=settings)
