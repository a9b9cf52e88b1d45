"""What the package writes: names nobody can foresee, the user's own rights, whole or not at all."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pytest

from tests.fuzz import seeds
from tests.processes import unmeasured
from tfmatting.files import atomic_path, write_bytes, write_text
from tfmatting.imaging.io import write_image
from tfmatting.photos.manifest import Manifest


@pytest.fixture(params=[0o022, 0o077, 0o007])
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_users_umask_decides(tmp_path, umask):
    write_text(tmp_path / "new" / "a.txt", "text")
    write_image(tmp_path / "a.png", np.zeros((4, 4, 3), np.uint8))
    with Manifest(tmp_path / "m.csv"):
        pass
    with atomic_path(tmp_path / "folder") as temporary:
        temporary.mkdir()
        (temporary / "inside").touch()
    for name in ("new/a.txt", "a.png", "m.csv", "folder/inside"):
        assert rights(tmp_path / name) == 0o666 & ~umask, name
    for name in ("new", "folder"):
        assert rights(tmp_path / name) == 0o777 & ~umask, name


def test_temporary_names_are_unique_and_closed_to_others(tmp_path):
    seen = set()
    for _ in range(20):
        with atomic_path(tmp_path / "a.txt") as temporary:
            assert rights(temporary.parent) == 0o700
            seen.add(temporary.parent.name)
            temporary.touch()
    assert len(seen) == 20


def test_a_link_put_in_the_way_is_not_followed(tmp_path):
    """The temporary name may be guessed right: what is there is never opened."""
    (tmp_path / "victim").write_text("mine")
    names = iter(["a", "b"])
    (tmp_path / ".writing-a").symlink_to(tmp_path / "victim")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "_get_candidate_names", lambda: names)
        write_text(tmp_path / "out.txt", "new")
    assert (tmp_path / "victim").read_text() == "mine"
    assert (tmp_path / "out.txt").read_text() == "new"


def test_a_folder_is_replaced_in_one_step(tmp_path, monkeypatch):
    """A process that is killed while the old folder is removed leaves the new one."""
    path = tmp_path / "model"
    for content in ("old", "new"):
        if content == "new":
            monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)
        with atomic_path(path, folder=True) as temporary:
            temporary.mkdir()
            (temporary / "graph").write_text(content)
    assert (path / "graph").read_text() == "new"


def test_a_folder_comes_back_when_its_successor_does_not_come(tmp_path):
    path = tmp_path / "model"
    path.mkdir()
    (path / "old").touch()
    with pytest.raises(FileNotFoundError), atomic_path(path, folder=True):
        pass  # nothing is written
    assert [file.name for file in path.iterdir()] == ["old"]
    assert [file.name for file in tmp_path.iterdir()] == ["model"]


needs_another_user = pytest.mark.skipif(
    os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root writes everywhere"
)


@needs_another_user
@pytest.mark.parametrize("words", [["matte", "p.png"], ["prepare", "pairs", "data"]])
def test_folders_that_cannot_be_written(tmp_path, words):
    """One line with the place, exit code 2, and nothing written."""
    (tmp_path / "p.png").write_bytes(seeds.picture("PNG"))
    for kind in ("image", "alpha"):
        (tmp_path / "data" / kind).mkdir(parents=True)
        (tmp_path / "data" / kind / "a.png").write_bytes(seeds.picture("PNG", "L"))
    target = tmp_path / "target"
    target.mkdir()
    for path in tmp_path.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for parent in list(tmp_path.parents)[:3]:
        parent.chmod(0o755)
    tmp_path.chmod(0o555)
    try:
        result = run_as_nobody(["-m", "tfmatting", *words, "-o", str(target / "out")], tmp_path)
    finally:
        tmp_path.chmod(0o755)
    assert result.returncode in (1, 2), result.stderr
    assert "Permission denied" in result.stderr and "Traceback" not in result.stderr
    assert not list(target.iterdir())


def run_as_nobody(words: list[str], folder: Path) -> subprocess.CompletedProcess:
    import sys

    root = Path(__file__).parents[3]
    command = [sys.executable, *words]
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True,
        env=unmeasured(PYTHONPATH=str(root), HOME=str(folder), PYTHONDONTWRITEBYTECODE="1"),
    )  # fmt: skip


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 256 kB; needs the right to mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)], capture_output=True
    )
    if made.returncode:
        pytest.skip("a small disk can only be mounted by root")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk(small_disk, tmp_path, command):
    """What is there stays; what does not fit is not there; the error names the place."""
    write_text(small_disk / "kept.txt", "kept")
    noise = np.random.default_rng(0).integers(0, 256, (600, 600, 3)).astype(np.uint8)
    for write in (
        lambda: write_bytes(small_disk / "kept.txt", bytes(10**6)),
        lambda: write_image(small_disk / "p.png", noise),
        lambda: write_image(small_disk / "p.tif", noise),
    ):
        with pytest.raises(OSError, match="space"):
            write()
    write_image(tmp_path / "noise.png", noise)
    code, _, err = command(
        "matte",
        tmp_path / "noise.png",
        "-o",
        small_disk / "o.png",
        "--model",
        "portrait_lite",
        "--background",
        tmp_path / "noise.png",
    )
    assert code != 0 and "space" in err and "Traceback" not in err
    assert [path.name for path in small_disk.rglob("*")] == ["kept.txt"]
    assert (small_disk / "kept.txt").read_text() == "kept"
