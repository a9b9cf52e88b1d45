"""Paths of this machine and of fsspec's file systems."""

import pickle
from pathlib import Path

import pytest

from tfmatting.errors import MissingExtraError
from tfmatting.locations import RemotePath, location

pytest.importorskip("fsspec", reason="the extra `cluster` is not installed")


def test_what_has_a_protocol_is_remote():
    assert location("a/b.jpg") == Path("a/b.jpg")
    assert location("file:///a/b.jpg") == Path("/a/b.jpg")
    url = location("s3://bucket/in/b.c.jpg/")
    assert url == RemotePath("s3://bucket/in/b.c.jpg") == pickle.loads(pickle.dumps(url))
    assert (url.name, url.stem, url.suffix) == ("b.c.jpg", "b.c", ".jpg")
    assert str(url.parent / "x" / "y.png") == "s3://bucket/in/x/y.png"
    assert str(url.with_name("z.png")) == "s3://bucket/in/z.png"
    assert url.relative_to(RemotePath("s3://bucket")).as_posix() == "in/b.c.jpg"


def test_files_and_folders_of_another_system():
    folder = RemotePath("memory://locations")
    (folder / "a.txt").write_bytes(b"1")
    (folder / "in" / "b.txt").write_bytes(b"22")
    assert sorted(folder.entries()) == [("a.txt", False), ("in", True)]
    assert folder.is_dir() and (folder / "in").is_dir() and not (folder / "a.txt").is_dir()
    assert (folder / "in" / "b.txt").read_bytes() == b"22"
    assert not (folder / "c.txt").exists()
    with pytest.raises(OSError):
        (folder / "c.txt").read_bytes()


def test_files_are_renamed_where_a_half_of_one_would_be_seen(tmp_path, monkeypatch):
    pytest.importorskip("fsspec")
    from fsspec.implementations.local import LocalFileSystem

    place = RemotePath(f"local://{tmp_path}/a/b.txt")
    place.write_bytes(b"whole")

    def breaks(self, path, data, *args, **kwargs):
        Path(path).write_bytes(data[:2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(LocalFileSystem, "pipe_file", breaks)
    with pytest.raises(OSError, match="No space left"):
        place.write_bytes(b"other")
    assert [path.read_bytes() for path in (tmp_path / "a").iterdir()] == [b"whole"]


def test_a_protocol_without_its_package_names_the_extra():
    with pytest.raises(MissingExtraError, match="tfmatting\\[cluster\\]"):
        RemotePath("oss://bucket/a.jpg").read_bytes()


def test_a_place_that_cannot_be_reached_is_an_os_error(monkeypatch):
    from fsspec.implementations.memory import MemoryFileSystem

    class NoCredentialsError(Exception):
        pass

    def fails(self, *args, **kwargs):
        raise NoCredentialsError("Unable to locate credentials.")

    for name in ("ls", "info", "cat_file", "pipe_file", "exists", "isdir"):
        monkeypatch.setattr(MemoryFileSystem, name, fails)
    place = RemotePath("memory://bucket/a.jpg")
    said = (
        r"^memory://bucket/a.jpg cannot be reached \(NoCredentialsError: Unable .*credentials\)\.$"
    )
    calls = (place.exists, place.is_dir, place.read_bytes, lambda: next(place.entries()))
    for call in (*calls, lambda: place.write_bytes(b"")):
        with pytest.raises(OSError, match=said):
            call()
