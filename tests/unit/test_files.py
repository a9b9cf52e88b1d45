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


def write_folder(path, *names):
    with atomic_path(path, folder=True) as temporary:
        temporary.mkdir()
        for name in names:
            (temporary / name).write_text("new")


def test_a_folder_takes_the_place_of_an_earlier_version(tmp_path):
    path = tmp_path / "model"
    path.mkdir()
    write_folder(path, "one")
    write_folder(path, "one", "two")
    assert sorted(file.name for file in path.iterdir()) == ["one", "two"]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("given", ["mine", "link", "mine/sub/.."])
def test_a_folder_never_takes_the_place_of_other_things(tmp_path, given, monkeypatch):
    mine = tmp_path / "mine"
    (mine / "sub").mkdir(parents=True)
    (mine / "thesis.txt").write_text("years")
    (tmp_path / "link").symlink_to(mine)
    monkeypatch.chdir(mine)
    for path in (tmp_path / given, "."):
        with pytest.raises(ValueError, match=r"with '(sub|thesis.txt)' in it. Give another name"):
            write_folder(path, "one")
    assert (mine / "thesis.txt").read_text() == "years"
    assert sorted(file.name for file in tmp_path.rglob("*")) == [
        "link",
        "mine",
        "sub",
        "thesis.txt",
    ]


@pytest.mark.parametrize("given", ["mine", "link", "mine/."])
def test_a_file_never_takes_the_place_of_a_folder(tmp_path, given):
    (tmp_path / "mine").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    with pytest.raises(ValueError, match="A file is written here. Received: .*mine, a folder"):
        write_text(tmp_path / given, "text")
    (tmp_path / "mine" / "thesis.txt").touch()
    with pytest.raises(ValueError, match="A file is written here"):
        write_text(tmp_path / given, "text")
    with pytest.raises(ValueError, match=r"A folder is written here. Received: .*txt, a file"):
        write_folder(tmp_path / "mine" / "thesis.txt", "one")
    assert sorted(file.name for file in tmp_path.rglob("*")) == ["link", "mine", "thesis.txt"]


def test_nor_do_the_files_beside_it(tmp_path):
    (tmp_path / "a.png").mkdir()
    with (
        pytest.raises(ValueError, match="A file is written here. Received: .*a.png, a folder"),
        atomic_path(tmp_path / "a.txt") as temporary,
    ):
        temporary.touch()
        temporary.with_suffix(".png").touch()
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


def test_an_unwritable_place_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        write_text(tmp_path / "file" / "a.txt", "text")
