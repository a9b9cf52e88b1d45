import pytest

from tfmatting.files import atomic_path, write_text


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError), atomic_path(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_takes_the_place_of_a_folder(tmp_path):
    path = tmp_path / "model"
    for content in ("one", "two"):
        with atomic_path(path) as temporary:
            temporary.mkdir()
            (temporary / content).touch()
    assert [file.name for file in path.iterdir()] == ["two"]


def test_an_unwritable_place_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        write_text(tmp_path / "file" / "a.txt", "text")
